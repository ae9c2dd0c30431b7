"""Every change that open pages show is an event: listeners read the data again only after events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.notes.feature import METRIC_NOTES, NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.values.feature import VALUES
from qdash_core import Parameter, TaskOutput
from qdash_core.models.chip import TargetStatus
from qdash_core.models.event_kinds import list_event_kinds
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.results import LatestResultRepository

from ...access import ADMIN
from ..bench import CHIP, PROJECT, Bench, OutputParameter, make_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.execution import EventModel

    from ..conftest import MakeBench

GIVEN: dict[str, float] = {}
T1 = make_task(
    "T1",
    analyse=lambda _task, _result: TaskOutput(parameters={"t1": Parameter(GIVEN["t1"], 0.5, "us")}),
    output_parameters={"t1": OutputParameter(unit="us", minimum=0.0, maximum=1e4, jump=0.5)},
)


def measure(bench: Bench, t1: float) -> str:
    GIVEN["t1"] = t1
    return bench.run("T1", repeat=False).task_id


def flag(bench: Bench) -> str:
    """Measure a value of T1, and then one that is flagged because it is far away."""
    measure(bench, 80.0)
    return measure(bench, 20.0)


def get_newest(bench: Bench) -> str:
    """Return the newest result of T1 on qubit 0."""
    found = bench.repositories.of(LatestResultRepository).find(PROJECT, CHIP, "T1", "0")
    assert found is not None
    return found.task_id


def exclude(bench: Bench) -> None:
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "0", TargetStatus.EXCLUDED, "an open line")


def write_note(bench: Bench, scope: NoteScope, target_id: str, text: str = "look here") -> None:
    chip_id = "" if scope is NoteScope.TASK_RESULT else CHIP
    bench.qdash.get(NOTES).edit(ADMIN, NotePlace(scope, target_id, chip_id), text)


def write_metric_note(bench: Bench) -> None:
    bench.qdash.get(METRIC_NOTES).edit(ADMIN, CHIP, "qubit", "0", "t1", "a two-level defect")


def find_events(bench: Bench, change: Callable[[Bench], object]) -> list[EventModel]:
    events = bench.repositories.of(EventRepository)
    before = events.get_last_seq(PROJECT)
    change(bench)
    return events.list_since(PROJECT, before)


CHANGES: dict[str, tuple[Callable[[Bench], object], Callable[[Bench], object], set[str]]] = {
    # Name: what comes before the change, the change, and the kinds of its events.
    "a result": (
        lambda _: None,
        lambda bench: measure(bench, 80.0),
        {"task.completed", "execution.completed"},
    ),
    "a flagged result": (
        lambda bench: measure(bench, 80.0),
        lambda bench: measure(bench, 20.0),
        {"task.completed"},
    ),
    "an acceptance": (
        flag,
        lambda bench: bench.qdash.get(VALUES).accept(ADMIN, get_newest(bench)),
        {"value.accepted"},
    ),
    "a rejection": (
        flag,
        lambda bench: bench.qdash.get(VALUES).reject(ADMIN, get_newest(bench), reason="noise"),
        {"value.rejected"},
    ),
    "a value set by hand": (
        lambda _: None,
        lambda bench: bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(45.0)}, reason="known"),
        {"value.set"},
    ),
    "an undo": (
        lambda bench: bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(45.0)}, reason="known"),
        lambda bench: bench.qdash.get(VALUES).undo(ADMIN),
        {"value.undone"},
    ),
    "an exclusion": (lambda _: None, exclude, {"chip.changed", "note.written"}),
    "an inclusion": (
        exclude,
        lambda bench: bench.qdash.get(TARGETS).take_back(ADMIN, CHIP, "0", "the line is closed"),
        {"chip.changed", "note.written"},
    ),
    "a note on a chip": (
        lambda _: None,
        lambda bench: write_note(bench, NoteScope.CHIP, CHIP),
        {"note.written"},
    ),
    "a note on a qubit": (
        lambda _: None,
        lambda bench: write_note(bench, NoteScope.QUBIT, "0"),
        {"note.written"},
    ),
    "a cleared note": (
        lambda bench: write_note(bench, NoteScope.QUBIT, "0"),
        lambda bench: write_note(bench, NoteScope.QUBIT, "0", ""),
        {"note.cleared"},
    ),
    "a note on a metric": (lambda bench: measure(bench, 80.0), write_metric_note, {"note.written"}),
    "a note on a result": (
        lambda bench: measure(bench, 80.0),
        lambda bench: write_note(bench, NoteScope.TASK_RESULT, get_newest(bench)),
        {"note.written"},
    ),
    "a note with the topology of a chip": (
        lambda _: None,
        lambda bench: bench.qdash.get(CHIPS).edit(ADMIN, CHIP, note="on loan"),
        {"note.written", "chip.changed"},
    ),
    "a release": (
        lambda bench: measure(bench, 80.0),
        lambda bench: bench.qdash.get(RELEASES).create(ADMIN, CHIP, "r1"),
        {"release.created"},
    ),
    "the deletion of a release": (
        lambda bench: (measure(bench, 80.0), bench.qdash.get(RELEASES).create(ADMIN, CHIP, "r1")),
        lambda bench: bench.qdash.get(RELEASES).delete(ADMIN, CHIP, "r1"),
        {"release.deleted"},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_an_event_of_its_chip(make_bench: MakeBench, change: str) -> None:
    bench = make_bench(T1)
    first, then, kinds = CHANGES[change]
    first(bench)
    found = find_events(bench, then)
    assert {one.kind for one in found} >= kinds
    assert {one.kind for one in found} <= {*list_event_kinds()}
    assert {one.chip_id for one in found} == {CHIP}


def test_the_event_of_a_note_names_its_place_and_has_no_text(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    measure(bench, 80.0)
    (on_metric,) = find_events(bench, write_metric_note)
    assert on_metric.data == {
        "scope": "qubit_metric",
        "target_id": "0",
        "metric": "t1",
        "username": "admin",
    }
    task_id = get_newest(bench)
    (on_result,) = find_events(bench, lambda bench: write_note(bench, NoteScope.TASK_RESULT, task_id))
    assert (on_result.task_id, on_result.chip_id) == (task_id, CHIP)


@pytest.mark.every_store
def test_a_note_and_its_event_are_stored_together(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    (event,) = find_events(bench, lambda bench: write_note(bench, NoteScope.QUBIT, "0"))
    assert (event.kind, event.chip_id) == ("note.written", CHIP)
    assert not find_events(bench, lambda bench: write_note(bench, NoteScope.QUBIT, "1", "")), (
        "nothing to clear"
    )
