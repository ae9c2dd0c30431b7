"""Citations of answers: found, resolved with the rights of the user, and missing ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.conversations.answer_text import find_references
from qdash_builtin.conversations.feature import CITATIONS
from qdash_builtin.conversations.models.citation import Citation, CitationState
from qdash_builtin.conversations.models.proposal import Proposal
from qdash_builtin.conversations.uncited_statements import find_uncited_statements
from qdash_builtin.issues.feature import ISSUES
from qdash_builtin.notes.feature import NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.values.feature import VALUES
from qdash_core import Parameter
from qdash_core.documents.references import make_route
from qdash_core.models.references import Reference, list_record_kinds

from ...access import ADMIN, access_of
from ...core.bench import CHIP, make_task

if TYPE_CHECKING:
    from ...core.conftest import MakeBench


KINDS = list_record_kinds().keys()


@pytest.mark.usefixtures("site")
def test_citations_resolve_with_the_rights_of_the_user(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("T1"))
    result = bench.run("T1")
    bench.qdash.get(NOTES).edit(ADMIN, NotePlace(NoteScope.QUBIT, "0", CHIP), "a remark")
    note = bench.qdash.get(NOTES).list_chip_events(ADMIN, CHIP)[0].seq
    issue = bench.qdash.get(ISSUES).open(ADMIN, "Dead line").issue.issue_id
    changed = bench.qdash.get(VALUES).set(
        ADMIN, CHIP, "0", {"t1": Parameter(9.0, 0.1, "us")}, reason="by hand"
    )
    known = {
        f"result:{result.task_id}": f"/task-results/{result.task_id}",
        f"result:{result.task_id[:10]}": f"/task-results/{result.task_id}",
        f"value:{CHIP}/Q00/t1": f"/chips/{CHIP}/qubits/0",
        f"value-change:{CHIP}/{changed.number}": f"/value-events/{changed.number}",
        f"chip:{CHIP}": f"/chips/{CHIP}",
        f"execution:{result.execution_id}": f"/executions/{result.execution_id}",
        f"note:{note}": f"/note-events/{note}",
        f"issue:{issue}": f"/issues/{issue}",
        "task:T1": "/tasks/T1",
        "doc:glossary.md": None,
    }
    unknown = (
        "result:0000000000",
        f"result:{result.task_id[:4]}",
        f"value:{CHIP}/0/t2",
        f"value:{CHIP}/t1",
        "value:a/b/c",
        f"value-change:other/{changed.number}",
        f"value-change:{CHIP}/x",
        "chip:none",
        "execution:last",
        "note:99",
        "note:x",
        "issue:99",
        "task:None",
        "doc:none.md#a",
    )
    text = " ".join(f"[{one}]" for one in (*known, *unknown))
    shown = {Reference("result", result.task_id), Reference("value", f"{CHIP}/0/t1")}
    checked = bench.qdash.get(CITATIONS).check_answer(ADMIN, text, shown)
    states = {one.text[1:-1]: one.state for one in checked.citations}
    assert {one for one, state in states.items() if state is CitationState.RESOLVED} == set([*known][:3])
    assert {one for one, state in states.items() if state is CitationState.UNSEEN} == set([*known][3:])
    assert {one for one, state in states.items() if state is CitationState.UNRESOLVED} == set(unknown)
    assert {one.text[1:-1]: make_route(one.record) for one in checked.citations if one.title} == known

    bench.add_project("elsewhere")
    eve = access_of("eve", "elsewhere")
    elsewhere = bench.qdash.get(CITATIONS).check_answer(eve, text, shown).citations
    assert {one.kind for one in elsewhere if one.state is not CitationState.UNRESOLVED} == {"task", "doc"}


def test_a_statement_without_a_citation_is_found(subtests: pytest.Subtests) -> None:
    for text, uncited in [
        ("The T1 of Q3 is 34 µs [value:a/3/t1].", []),
        ("It fell to 34 µs. [value:a/3/t1] All else is well.", []),
        ("It fell to 34 µs. The line is dead.", ["It fell to 34 µs."]),
        ("The T1 is 20.0(5) µs.", ["The T1 is 20.0(5) µs."]),
        ("T1 fell from 80.1(12) µs to 20.0(5) µs.", ["T1 fell from 80.1(12) µs to 20.0(5) µs."]),
        ("The fidelity is 0.991(2).", ["The fidelity is 0.991(2)."]),
        ("The amplitude is 0.12 a.u.", ["The amplitude is 0.12 a.u."]),
        ("Qubit 3 is bad.\nIt was flagged [result:abc].", ["Qubit 3 is bad."]),
        ("- 12 MHz off\n- CheckRabi failed [result:abc]", ["12 MHz off"]),
        ("Qubit 3 is bad [other:h].", ["Qubit 3 is bad [other:h]."]),
        ("Is qubit 3 bad?", []),
        ("# Qubit 3 at 5 GHz\nSee `Q3 = 5 GHz` and run it again.", []),
        ("```\nQ3 failed\n```", []),
        ("| Q3 | 34 µs |\n|---|---|\n| Q4 | 3 µs [value:a/4/t1] |", ["Q3 34 µs"]),
        ("T1 fell below 40 µs, i.e. it is low [value:a/3/t1].", []),
        ("Q3, e.g. on 2 May, vs. Q4, approx. 34 µs at 0.12 a.u. on line no. 3, failed [result:abc].", []),
        ("The amplitude is 0.12 a.u. The answer is no. See [result:abc].", ["The amplitude is 0.12 a.u."]),
        ("| Parameter | Q3 | Q4 |\n|---|---|---|\n| T1 | 3 µs [value:a/3/t1] | 4 µs [value:a/4/t1] |", []),
        ("| T1 | Q3 |\n| T2 | Q4. Low | [result:abc] |\n|---|---|\n", ["T1 Q3"]),
        ("T1 is 34 µs, which\nis low [value:a/3/t1].\n\nQ4 failed, too.\n", ["Q4 failed, too."]),
        ("- T1 is 34 µs, which\n  is low [value:a/3/t1].\n1. Q3 failed\nagain [result:abc].\n- Q4", ["Q4"]),
        ("Coupling 3-4 is weak [see](https://x.example/[result:abc])", ["Coupling 3-4 is weak"]),
    ]:
        with subtests.test(text):
            assert [one.split(" see")[0] for one in find_uncited_statements(text, KINDS)] == uncited


def test_code_and_links_hold_no_citations() -> None:
    text = "`[result:a]` [b](result:c) [result:d](https://x.example) **[result:e]** [result:f g] [other:h]\n```\n[note:1]\n```"
    assert find_references(text) == [Reference("result", "e"), Reference("other", "h")]


def test_links_that_were_stored_earlier_become_references() -> None:
    read, propose = Citation.model_validate, Proposal.model_validate
    cited = {"kind": "task", "name": "T1", "state": "unseen", "title": "T1", "route": "/tasks/T1"}
    assert read({**cited, "page": "tasks?task=T1"}).record == Reference("task", "T1")
    assert read({**cited, "state": "unresolved", "route": "", "page": ""}).record is None
    draft = {"kind": "measure", "arguments": {}, "summary": "", "reason": "", "basis": "", "proposal_id": "1"}
    confirmed = propose({**draft, "route": "/executions/20261121-001", "page": "execution?execution=1"})
    assert confirmed.record == Reference("execution", "20261121-001")
    assert propose({**draft, "route": "", "page": ""}).record is None
    assert propose(confirmed.model_dump(mode="json")) == confirmed
