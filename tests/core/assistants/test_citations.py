"""Citations of answers: found, resolved with the rights of the user, and missing ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core.assistants.answer_text import find_references, find_uncited_statements
from qdash_core.assistants.citations import Reference
from qdash_core.models.citation import CitationKind, CitationState
from qdash_core.models.note import NoteScope
from qdash_core.notes.note_places import NotePlace

from ...access import ADMIN, access_of
from ..bench import CHIP, make_task

if TYPE_CHECKING:
    from ..conftest import MakeBench


def test_citations_resolve_with_the_rights_of_the_user(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("T1"))
    result = bench.run("T1")
    bench.qdash.notes.edit(ADMIN, NotePlace(NoteScope.QUBIT, "0", CHIP), "a remark")
    note = bench.qdash.notes.list_chip_events(ADMIN, CHIP)[0].seq
    issue = bench.qdash.issues.open(ADMIN, "Dead line").issue.issue_id
    known = {
        f"result:{result.task_id}": f"result?project=default&result={result.task_id}",
        f"result:{result.task_id[:10]}": f"result?project=default&result={result.task_id}",
        f"value:{CHIP}/0/t1": f"qubit?project=default&chip={CHIP}&qubit=0",
        f"execution:{result.execution_id}": f"execution?project=default&execution={result.execution_id}",
        f"note:{note}": f"notes?project=default&chip={CHIP}&target=0&note={note}",
        f"issue:{issue}": f"issue?project=default&issue={issue}",
        "task:T1": "tasks?project=default&task=T1",
        "doc:glossary.md": "",
    }
    unknown = (
        "result:0000000000",
        f"result:{result.task_id[:4]}",
        f"value:{CHIP}/0/t2",
        f"value:{CHIP}/t1",
        "value:a/b/c",
        "execution:last",
        "note:99",
        "note:x",
        "issue:99",
        "task:None",
        "doc:none.md#a",
    )
    text = " ".join(f"[{one}]" for one in (*known, *unknown))
    shown = {Reference(CitationKind.RESULT, result.task_id), Reference(CitationKind.VALUE, f"{CHIP}/0/t1")}
    checked = bench.qdash.citations.check_answer(ADMIN, text, shown)
    states = {one.text[1:-1]: one.state for one in checked.citations}
    assert {one for one, state in states.items() if state is CitationState.RESOLVED} == set([*known][:3])
    assert {one for one, state in states.items() if state is CitationState.UNSEEN} == set([*known][3:])
    assert {one for one, state in states.items() if state is CitationState.UNRESOLVED} == set(unknown)
    assert {one.text[1:-1]: one.page for one in checked.citations if one.title} == known

    bench.add_project("elsewhere")
    eve = access_of("eve", "elsewhere")
    elsewhere = bench.qdash.citations.check_answer(eve, text, shown).citations
    assert {one.kind for one in elsewhere if one.state is not CitationState.UNRESOLVED} == {"task", "doc"}


@pytest.mark.parametrize(
    ("text", "uncited"),
    [
        ("The T1 of Q3 is 34 µs [value:a/3/t1].", []),
        ("It fell to 34 µs. [value:a/3/t1] All else is well.", []),
        ("It fell to 34 µs. The line is dead.", ["It fell to 34 µs."]),
        ("The T1 is 20.0(5) µs.", ["The T1 is 20.0(5) µs."]),
        ("T1 fell from 80.1(12) µs to 20.0(5) µs.", ["T1 fell from 80.1(12) µs to 20.0(5) µs."]),
        ("The fidelity is 0.991(2).", ["The fidelity is 0.991(2)."]),
        ("The amplitude is 0.12 a.u.", ["The amplitude is 0.12 a.u."]),
        ("Qubit 3 is bad.\nIt was flagged [result:abc].", ["Qubit 3 is bad."]),
        ("- 12 MHz off\n- CheckRabi failed [result:abc]", ["12 MHz off"]),
        ("Is qubit 3 bad?", []),
        ("# Qubit 3 at 5 GHz\nSee `Q3 = 5 GHz` and run it again.", []),
        ("```\nQ3 failed\n```", []),
        ("| Q3 | 34 µs |\n|---|---|\n| Q4 | 3 µs [value:a/4/t1] |", ["Q3 34 µs"]),
        ("Coupling 3-4 is weak [see](https://x.example/[result:abc])", ["Coupling 3-4 is weak"]),
    ],
)
def test_a_statement_without_a_citation_is_found(text: str, uncited: list[str]) -> None:
    assert [one.split(" see")[0] for one in find_uncited_statements(text)] == uncited


def test_code_and_links_hold_no_citations() -> None:
    text = "`[result:a]` [b](result:c) [result:d](https://x.example) **[result:e]** [result:f g] [other:h]\n```\n[note:1]\n```"
    assert find_references(text) == [Reference(CitationKind.RESULT, "e")]
