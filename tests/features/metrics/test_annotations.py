"""Annotations of a chip for plots over time: cool-downs, notes and changes by users, of the chip or of one of its targets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.metrics import annotations as annotations_module
from qdash_builtin.metrics.annotation_kinds import AnnotationKind
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.selection import Period
from qdash_builtin.notes.feature import METRIC_NOTES, NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.values.feature import VALUES
from qdash_core import InvalidInputError, NotFoundError, Parameter
from qdash_core.process.clock import utc_now

from ...access import ADMIN, access_of
from ...core.bench import CHIP, make_task

if TYPE_CHECKING:
    from qdash_builtin.metrics.annotations import ChipAnnotations

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

T1 = {"t1": Parameter(5.0, 0.5, "us")}


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(make_task(gives=T1))


def read(bench: Bench, **query: Any) -> ChipAnnotations:
    return bench.qdash.get(METRICS).get_annotations(ADMIN, CHIP, **query)


def list_texts(bench: Bench, **query: Any) -> list[tuple[str, str]]:
    return [(str(one.kind), one.text) for one in read(bench, **query).items]


def write_note(bench: Bench, scope: NoteScope, target: str, text: str) -> None:
    bench.qdash.get(NOTES).edit(ADMIN, NotePlace(scope, target, CHIP), text)


@pytest.mark.every_store
def test_what_happened_to_a_chip_is_listed_oldest_first(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(gives=T1))
    bench.qdash.get(CRYOSTATS).create(ADMIN, "K")
    bench.qdash.get(COOLDOWNS).create(ADMIN, "cd-1", "K", chip_ids=[CHIP], description="new wiring")
    result = bench.run()
    write_note(bench, NoteScope.CHIP, CHIP, "moved to another shelf")
    bench.qdash.get(VALUES).reject(ADMIN, result.task_id, reason="two-level system")
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(4.0)}, reason="by hand")
    bench.qdash.get(VALUES).undo(ADMIN, reason="wrong qubit")
    bench.qdash.get(COOLDOWNS).end(ADMIN, "cd-1")
    assert list_texts(bench) == [
        ("cooldown", "cool-down cd-1 begins"),
        ("note", "moved to another shelf"),
        ("decision", "rejected: T1 of qubit 0"),
        ("value", "set by hand: T1 of qubit 0"),
        ("reversion", "change undone: T1 of qubit 0"),
        ("warm-up", "cool-down cd-1 ends"),
    ]
    begun, note, rejected, *_ = read(bench).items
    assert (begun.record, begun.reason, begun.username) == (("cooldown", "cd-1"), "new wiring", "")
    assert (note.record[0], note.username) == ("note", "admin")
    assert (rejected.record[0], rejected.reason) == ("value-change", "two-level system")
    assert read(bench).complete_since is None


def test_a_target_has_its_own_and_those_of_the_chip_but_not_those_of_its_couplings(bench: Bench) -> None:
    bench.run()
    write_note(bench, NoteScope.CHIP, CHIP, "of the chip")
    write_note(bench, NoteScope.QUBIT, "0", "of qubit 0")
    write_note(bench, NoteScope.QUBIT, "1", "of qubit 1")
    write_note(bench, NoteScope.COUPLING, "0-1", "of coupling 0-1")
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "1", {"t1": Parameter(4.0, 0.1, "us")}, reason="by hand")
    assert [text for _, text in list_texts(bench, target="0")] == ["of the chip", "of qubit 0"]
    assert [text for _, text in list_texts(bench, target="0-1")] == ["of the chip", "of coupling 0-1"]
    assert len(read(bench).items) == 5


def test_a_metric_has_its_own_and_those_that_name_none(bench: Bench) -> None:
    result = bench.run()
    write_note(bench, NoteScope.QUBIT, "0", "of all metrics")
    notes = bench.qdash.get(METRIC_NOTES)
    notes.edit(ADMIN, CHIP, "qubit", "0", "t1", "of t1")
    bench.qdash.get(VALUES).reject(ADMIN, result.task_id, reason="two-level system")
    assert list_texts(bench, metric="t1")[1:] == [("note", "of t1"), ("decision", "rejected: T1 of qubit 0")]
    assert list_texts(bench, metric="t2_echo") == [("note", "of all metrics")]


def test_a_note_has_its_newest_text_and_none_after_it_was_cleared(bench: Bench) -> None:
    write_note(bench, NoteScope.QUBIT, "0", "first")
    write_note(bench, NoteScope.QUBIT, "0", "second")
    assert list_texts(bench) == [("note", "second")]
    write_note(bench, NoteScope.QUBIT, "0", "")
    assert list_texts(bench) == []


def test_a_note_on_a_time_range_lasts_for_it(bench: Bench) -> None:
    bench.run()
    begin, end = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 4, tzinfo=UTC)
    bench.qdash.get(METRIC_NOTES).edit(
        ADMIN, CHIP, "qubit", "0", "t1", "warm fridge", time_range=(begin, end)
    )
    (note,) = read(bench).items
    assert (note.kind, note.at, note.until, note.record) == (AnnotationKind.NOTE, begin, end, ("target", "0"))
    during = Period(None, begin + timedelta(days=1), begin + timedelta(days=9))
    assert [one.text for one in read(bench, period=during).items] == ["warm fridge"]
    assert read(bench, period=Period(None, end + timedelta(days=1), None)).items == []


@pytest.mark.every_store
def test_changes_of_design_values_are_of_their_targets(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(gives=T1))
    chips = bench.qdash.get(CHIPS)
    chips.set_design(ADMIN, CHIP, {"0": {"qubit_frequency": 5.1}, "1": {"qubit_frequency": 5.2}})
    chips.set_design(ADMIN, CHIP, {"0": {"qubit_frequency": 5.1}, "1": {"qubit_frequency": 5.3}})
    first = ("design", "design value set: Qubit frequency of qubits 0, 1")
    second = ("design", "design value set: Qubit frequency of qubit 1")
    assert list_texts(bench) == [first, second]
    assert list_texts(bench, target="0", metric="t1") == [first], "what did not change has no mark"
    assert {one.username for one in read(bench).items} == {"admin"}


def test_a_window_leaves_out_what_happened_before_and_after(bench: Bench) -> None:
    write_note(bench, NoteScope.QUBIT, "0", "earlier")
    middle = utc_now()
    write_note(bench, NoteScope.QUBIT, "1", "later")
    assert list_texts(bench, period=Period(None, middle, None)) == [("note", "later")]
    assert list_texts(bench, period=Period(None, None, middle)) == [("note", "earlier")]
    with pytest.raises(InvalidInputError):
        read(bench, period=Period(None, middle, middle))


def test_of_too_many_the_newest_are_listed_and_the_answer_says_since_when(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotations_module, "MOST_ANNOTATIONS", 2)
    for qid in "012":
        write_note(bench, NoteScope.QUBIT, qid, f"of {qid}")
    found = read(bench)
    assert [one.text for one in found.items] == ["of 1", "of 2"]
    assert found.complete_since == found.items[0].at


def test_unknown_names_are_refused(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        read(bench, target="77")
    with pytest.raises(NotFoundError):
        bench.qdash.get(METRICS).get_annotations(ADMIN, "other")
    with pytest.raises(NotFoundError):
        bench.qdash.get(METRICS).get_annotations(access_of("eve", "elsewhere"), CHIP)
