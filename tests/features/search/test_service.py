"""Tests of the search of all features: matches, their order, rights and blocked features."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.issues.feature import ISSUES
from qdash_builtin.notes.feature import NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.search import SEARCH
from qdash_builtin.tags.feature import TAGS
from qdash_core import Feature, Match, Search, load_plugins, make_address
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.project import ProjectRole
from qdash_core.runtime.application import open_qdash

from ...access import ADMIN, access_of
from ...case_tables import each_case
from ...core.bench import CHIP, Bench, make_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.models.access import Access

    from ...core.conftest import MakeBench


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """Chip of five qubits with a value of qubit 1, a note, an issue and a tag."""
    bench = make_bench(make_task())
    bench.run(qid="1")
    bench.qdash.get(NOTES).edit(ADMIN, NotePlace(NoteScope.QUBIT, "1", CHIP), "a cable was moved")
    bench.qdash.get(ISSUES).open(ADMIN, "Readout drifts", chip_id=CHIP, body="since the cable was moved")
    bench.qdash.get(TAGS).add(ADMIN, "nightly")
    return bench


def find(bench: Bench, text: str, access: Access = ADMIN, **given: Any) -> list[Match]:
    found = bench.qdash.get(SEARCH).find(access, text, **given)
    assert found.missing == []
    return [*found.matches]


def find_titles(bench: Bench, text: str, access: Access = ADMIN, **given: Any) -> list[tuple[str, str]]:
    return [(one.kind, one.title) for one in find(bench, text, access, **given)]


@each_case(
    ("text", "first"),
    [
        ("2", ("qubit", "Qubit 2")),
        ("queue", ("page", "Queue")),
        (f"export {CHIP}", ("page", f"Export {CHIP}")),
        ("Q02", ("qubit", "Qubit 2")),
        ("1-0", ("coupling", "Coupling 0-1")),
        ("q0-Q1", ("coupling", "Coupling 0-1")),
        ("T1 1", ("value", "T1 of qubit 1")),
        ("q1 t1", ("value", "T1 of qubit 1")),
        ("measure 1", ("result", "Measure on 1")),
        ("readout freq", ("metric", "Readout frequency")),
        ("measu", ("task", "Measure")),
        ("calibrate 3", ("command", "Calibrate qubit 3")),
        ("cabl", ("note", "Note on qubit 1")),
        ("READOUT drif", ("issue", "#1 Readout drifts")),
        ("#1", ("issue", "#1 Readout drifts")),
        ("ightl", ("tag", "nightly")),
        ("new iss", ("command", "New issue")),
        (CHIP.lower(), ("chip", CHIP)),
    ],
)
def test_words_and_parts_of_words_find_what_people_mean(
    bench: Bench, text: str, first: tuple[str, str]
) -> None:
    assert find_titles(bench, text)[0] == first


def test_the_value_is_told_and_leads_to_its_history(bench: Bench) -> None:
    (value, *_) = find(bench, "t1 1")
    assert value.text == "10.0(5) µs"
    assert value.address == make_address("qubit", chip=CHIP, qubit="1", metric="t1")
    assert value.command == f"qdash metrics {CHIP} --qids 1 --metric t1"


def test_executions_and_results_are_found_by_the_beginnings_of_their_ids(bench: Bench) -> None:
    result = bench.run(qid="2")
    for text in (result.execution_id, result.execution_id[:8], result.execution_id[4:]):
        assert ("execution", result.execution_id) in find_titles(bench, text, limit=50)
    (found, *_) = find(bench, result.task_id[:8])
    assert (found.kind, found.address) == ("result", f"result?result={result.task_id}")


def test_a_change_by_hand_can_be_undone(bench: Bench) -> None:
    assert find_titles(bench, "undo last change") == []
    from qdash_builtin.values.feature import VALUES
    from qdash_core.models.estimates import Parameter

    bench.qdash.get(VALUES).set(
        ADMIN, CHIP, "1", {"t1": Parameter(value=30.0, unit="us")}, reason="by hand", confirmed=True
    )
    (undo,) = find(bench, "undo last change")
    assert undo.command.startswith("qdash values undo ")
    assert undo.text.endswith(" of qubit 1")
    assert undo.address.startswith(f"chip?chip={CHIP}&view=changes&event=")
    assert find(bench, "undo last change", access_of("admin", role=ProjectRole.VIEWER)) == []


def test_the_exact_name_comes_before_its_beginning_and_parts_of_words(bench: Bench) -> None:
    for name in ("old-night", "night", "night-2", "the night"):
        bench.qdash.get(TAGS).add(ADMIN, name)
    tags = [title for kind, title in find_titles(bench, "night") if kind == "tag"]
    assert tags == ["night", "night-2", "nightly", "the night", "old-night"]


def test_all_words_must_match_and_a_number_is_no_part_of_a_word(bench: Bench) -> None:
    assert find(bench, "cable pump") == []
    assert ("task", "Measure") not in find_titles(bench, "measure zz")
    assert not [one for one in find(bench, "1") if one.kind == "metric" and one.title == "T1"]


def test_at_most_the_limit_of_each_kind_is_found_together(bench: Bench) -> None:
    kinds = [one.kind for one in find(bench, "q", limit=2)]
    assert max(kinds.count(kind) for kind in kinds) == 2
    assert kinds == sorted(kinds, key=kinds.index)


def test_the_newest_chip_is_searched_unless_one_is_named(bench: Bench) -> None:
    bench.add_chip("newer")
    assert find(bench, "2")[0].address == "qubit?chip=newer&qubit=2"
    assert find(bench, "2", chip_id=CHIP)[0].address == f"qubit?chip={CHIP}&qubit=2"
    with pytest.raises(NotFoundError, match="there is no chip 'other'"):
        find(bench, "2", chip_id="other")


def test_a_project_finds_nothing_of_another_one(bench: Bench) -> None:
    bench.add_project("other")
    for text in ("2", "t1 1", "measure 1", "cable", "drift", "nightly", "2026", CHIP):
        found = find(bench, text, access_of("admin", "other", ProjectRole.VIEWER), limit=50)
        assert {one.kind for one in found} <= {"metric", "task", "flow"}, text


def test_a_viewer_is_offered_no_command(bench: Bench) -> None:
    viewer = access_of("admin", role=ProjectRole.VIEWER)
    for text in ("calibrate", "calibrate 1", "measure 1", "new"):
        assert "command" not in {one.kind for one in find(bench, text, viewer, limit=50)}


@each_case("text", ["", "  ", "a " * 11, "a" * 201])
def test_other_texts_are_refused(bench: Bench, text: str) -> None:
    with pytest.raises(InvalidInputError, match="search for 1 to 10 words of 200 characters"):
        find(bench, text)


@pytest.mark.parametrize("name", ["notes", "issues", "tags"])
def test_a_blocked_feature_contributes_nothing(bench: Bench, name: str) -> None:
    kinds = {"notes": "note", "issues": "issue", "tags": "tag"}
    texts = {"notes": "cable", "issues": "drifts", "tags": "nightly"}
    assert kinds[name] in dict(find_titles(bench, texts[name]))
    qdash = open_qdash(bench.qdash.settings, load_plugins(blocked=(name,)))
    try:
        assert kinds[name] not in dict(find_titles(replace(bench, qdash=qdash), texts[name]))
    finally:
        qdash.close()


def find_samples(_qdash: object, access: Access, search: Search) -> Iterator[Match]:
    if search.fits("sample 7", "glued"):
        yield Match("sample", "Sample 7", f"glued by {access.username}", make_address("samples", sample="7"))


def return_texts(*_: object) -> list[Any]:
    return ["sample 7"]


def test_a_plugin_adds_matches_and_its_failure_is_told(bench: Bench) -> None:
    own, wrong = (
        Feature(name, searches=(f"{__name__}:{function}",))
        for name, function in (("samples", "find_samples"), ("wrong", "return_texts"))
    )
    registry = load_plugins(extra={"laboratory": own, "wrong": wrong})
    qdash = open_qdash(bench.qdash.settings, registry)
    try:
        found = qdash.get(SEARCH).find(ADMIN, "sampl glue")
    finally:
        qdash.close()
    assert [(one.title, one.text, one.address) for one in found.matches] == [
        ("Sample 7", "glued by admin", "samples?sample=7")
    ]
    (missing,) = found.missing
    assert "matches of the plugin 'wrong' are missing" in missing
    assert "which is no Match" in missing
