"""Recording: all consequences of a task are written in one transaction, or none."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.values.feature import VALUES
from qdash_core import Parameter, StoreError, TaskOutput
from qdash_core.models.task import TaskStatus
from qdash_core.repositories.chips import (
    ChipHistoryRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.results import TaskRepository
from qdash_core.repositories.schema import COLLECTIONS

from ...access import ADMIN
from ..bench import CHIP, PROJECT, BenchBackend, make_backend, make_raising, make_task

if TYPE_CHECKING:
    from qdash_core import BaseTask

    from ..bench import Bench
    from ..conftest import MakeBench

WRITES = ("insert", "put", "append", "delete")


class FailingDisk:
    """Makes the store fail at one of its writes, like a full disk, once it is armed."""

    def __init__(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        with bench.qdash.store.transaction() as transaction:
            kind: Any = type(transaction)
        for name in WRITES:
            monkeypatch.setattr(kind, name, self._make_failing(getattr(kind, name)))

    def _make_failing(self, write: Any) -> Any:
        def write_or_fail(*args: Any, **kwargs: Any) -> Any:
            if self.left is not None:
                if self.left == 0:
                    raise StoreError("the disk is full")
                self.left -= 1
            return write(*args, **kwargs)

        return write_or_fail


def read_all(bench: Bench) -> dict[str, Any]:
    with bench.qdash.store.read() as snapshot:
        return {name: snapshot.find(name, {}) for name in COLLECTIONS if name != "execution_lock"}


@pytest.mark.every_store
def test_an_outcome_is_written_whole_or_not_at_all(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store fails at the first write of an outcome, then at the second, and so on until it succeeds."""
    before: dict[str, Any] = {}
    places = itertools.count()

    def analyse(_self: BaseTask, _raw: object) -> TaskOutput:
        before.update(read_all(bench))
        disk.left = next(places)
        hardware.note = {"number": disk.left}
        return TaskOutput({"t1": Parameter(10.0 + disk.left, 0.5, "us")})

    hardware = make_backend(note={"number": -1})
    bench = make_bench(make_task(analyse=analyse), backends=[hardware])
    disk = FailingDisk(bench, monkeypatch)
    while run_with_failing_store(bench, disk, before):
        pass
    assert next(places) > 6, "result, latest result, qubit, its day, event and note are at least six writes"
    after = read_all(bench)
    changed = {name for name in after if after[name] != before[name]}
    assert changed >= {
        "task_result_history",
        "latest_result",
        "qubit",
        "qubit_history",
        "event",
        "calibration_note",
    }


def run_with_failing_store(bench: Bench, disk: FailingDisk, before: dict[str, Any]) -> bool:
    """Run the task in a new session; if the store fails, everything must be as it was `before`. Return
    whether it failed.
    """
    session = bench.start_session()
    try:
        session.run_task("Measure", "0")
    except StoreError:
        assert read_all(bench) == before
        disk.left = None
        session.fail("the disk was full")
        return True
    disk.left = None
    session.complete()
    return False


def test_what_was_not_written_is_not_left_running(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def analyse(_self: BaseTask, _raw: object) -> TaskOutput:
        disk.left = 0
        return TaskOutput({"t1": Parameter(10.0)})

    bench = make_bench(make_task(analyse=analyse))
    disk = FailingDisk(bench, monkeypatch)
    session = bench.start_session()
    with pytest.raises(StoreError, match="the disk is full"):
        session.run_task("Measure", "0")
    disk.left = None
    ended = session.fail("the disk was full")
    (result,) = bench.list_results(ended.execution_id)
    assert result.status.terminal
    assert ended.tasks == {str(result.status): 1}


# ---------------------------------------------------------------------------------------------------------- daily history


def test_a_day_keeps_the_last_values_of_that_day(make_bench: MakeBench) -> None:
    coming = iter([1.0, 2.0])
    bench = make_bench(make_task(analyse=lambda *_: TaskOutput({"t1": Parameter(next(coming))})))
    for _ in range(2):
        result = bench.run()
    assert result.end_at is not None
    expected = result.end_at.astimezone(bench.qdash.zone).strftime("%Y%m%d")
    days = bench.repositories.of(QubitCalibrationRepository).list_days(PROJECT, CHIP, "0")
    assert days[-1].recorded_date == expected
    assert days[-1].data["t1"].value == 2.0
    assert len(days) <= 2, "two days only where midnight came between"
    chip_days = bench.repositories.of(ChipHistoryRepository).list_days(PROJECT, CHIP)
    assert (chip_days[-1].size, chip_days[-1].n_couplings) == (5, 4)


def test_days_are_those_of_the_configured_zone(make_bench: MakeBench) -> None:
    """Pago Pago is 25 hours behind Kiritimati: the dates always differ."""
    bench = make_bench(make_task(), timezone="Pacific/Kiritimati")
    ahead = bench.run()
    there = bench.repositories.of(QubitCalibrationRepository).list_days(PROJECT, CHIP, "0")[0].recorded_date
    other = make_bench_in(bench, "Pacific/Pago_Pago")
    behind = other.run(qid="1")
    here = other.repositories.of(QubitCalibrationRepository).list_days(PROJECT, CHIP, "1")[0].recorded_date
    assert here < there
    assert (ahead.execution_id[:8] >= there, behind.execution_id[:8] <= here) == (True, True)


@pytest.mark.every_store
def test_couplings_have_a_history_too(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(task_type="coupling"))
    bench.run(qid="1-2")
    (day,) = bench.repositories.of(CouplingCalibrationRepository).list_days(PROJECT, CHIP, "1-2")
    assert day.data["t1"].value == 10.0
    assert bench.repositories.of(QubitCalibrationRepository).list_days(PROJECT, CHIP, "1") == []


def make_bench_in(bench: Bench, timezone: str) -> Bench:
    from dataclasses import replace

    settings = bench.qdash.settings.model_copy(update={"timezone": timezone})
    return type(bench)(replace(bench.qdash, settings=settings))


# -------------------------------------------------------------------------------------------------------- calibration note


def list_notes(bench: Bench) -> list[tuple[str, Any]]:
    with bench.qdash.store.read() as snapshot:
        found = snapshot.find("calibration_note", {"project_id": PROJECT, "chip_id": CHIP})
    return [(note["task_id"], note["note"]) for note in sorted(found, key=lambda note: note["timestamp"])]


def test_the_librarys_note_is_stored_when_it_has_changed_and_at_the_end(make_bench: MakeBench) -> None:
    hardware = make_backend(note={"amplitude": 1})
    changing = make_task("Change", measure=lambda *_: setattr(hardware, "note", {"amplitude": 2}))
    bench = make_bench(make_task(), changing, backends=[hardware])
    session = bench.start_session()
    first = session.run_task("Measure", "0")
    session.run_task("Measure", "1")
    changed = session.run_task("Change", "0")
    session.run_task("Measure", "2")
    session.complete()
    assert list_notes(bench) == [
        (first.task_id, {"amplitude": 1}),
        (changed.task_id, {"amplitude": 2}),
        ("", {"amplitude": 2}),
    ]


def test_the_latest_note_is_given_to_the_next_session(make_bench: MakeBench) -> None:
    hardware = make_backend(note={"amplitude": 1})
    bench = make_bench(make_task(), backends=[hardware])
    bench.run()
    hardware.note = {"amplitude": 3}
    bench.run()
    following = make_backend()
    bench.reinstall(make_task(), backends=[following]).start_session().complete()
    assert following.calls == ["connect", "update_note {'amplitude': 3}", "disconnect"]
    bench.add_chip("another")
    elsewhere = make_backend()
    bench.reinstall(make_task(), backends=[elsewhere]).start_session(chip_id="another").complete()
    assert elsewhere.calls == ["connect", "disconnect"]


def test_a_library_that_refuses_the_note_does_not_replace_it(make_bench: MakeBench) -> None:
    """Otherwise the defaults of a fresh library would replace the laboratory's settings in the next session."""
    bench = make_bench(make_task(), backends=[make_backend(note={"amplitude": 1})])
    bench.run()
    stored = list_notes(bench)
    stubborn = make_backend(note={"amplitude": 0}, update_note=make_raising(ValueError("unknown format")))
    with pytest.raises(Exception, match="unknown format"):
        bench.reinstall(make_task(), backends=[stubborn]).start_session()
    assert list_notes(bench) == stored


@pytest.mark.parametrize("note", [{"object": object()}, {"nan": float("nan")}, {"file": "\udcff"}])
def test_a_note_that_cannot_be_stored_is_left_out_and_the_result_kept(
    make_bench: MakeBench, note: dict[str, Any]
) -> None:
    bench = make_bench(make_task(), backends=[make_backend(note=note)])
    assert bench.run().status is TaskStatus.COMPLETED
    assert list_notes(bench) == []


@pytest.mark.parametrize("error", [OSError("gone"), SystemExit(2)])
def test_a_note_that_cannot_be_read_is_left_out_and_the_result_kept(
    make_bench: MakeBench, error: BaseException
) -> None:
    hardware: type[BenchBackend] = make_backend(save_note=make_raising(error))
    bench = make_bench(make_task(), backends=[hardware])
    assert bench.run().status is TaskStatus.COMPLETED
    assert bench.get_value() == 10.0


# ----------------------------------------------------------------------------------------------------------------- events


def test_events_are_numbered_in_the_order_in_which_things_happened(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), make_task("Broken", run=make_raising(OSError("cable"))))
    session = bench.start_session()
    good = session.run_task("Measure", "0")
    bad = session.run_task("Broken", "1")
    session.complete()
    events = bench.list_events()
    assert [(event.seq, event.kind) for event in events] == [
        (2, "execution.running"),
        (3, "task.completed"),
        (4, "task.failed"),
        (5, "execution.completed"),
    ]
    assert [event.task_id for event in events] == ["", good.task_id, bad.task_id, ""]
    assert events[2].data == {"name": "Broken", "qid": "1", "message": bad.message, "verdict": None}
    assert bad.message.startswith("run: OSError: cable (")
    assert events[3].data["tasks"] == {"completed": 1, "failed": 1}
    assert [event.seq for event in bench.list_events(3)] == [4, 5]


def test_the_definitions_of_tasks_are_kept_as_they_ran(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(needs=["x"], description="Measures."), make_task("Never"))
    bench.run()
    (definition,) = bench.repositories.of(TaskRepository).list_by_project(PROJECT)
    assert (definition.name, definition.backend, definition.description) == ("Measure", None, "Measures.")
    assert definition.input_parameters["x"]["required"] is True
    assert definition.output_parameters["t1"]["unit"] == "us"


@pytest.mark.every_store
def test_a_value_set_after_the_measurement_and_before_its_recording_stays(make_bench: MakeBench) -> None:
    found = TaskOutput({"t1": Parameter(10.0, 0.5, "us"), "t2": Parameter(15.0, 0.5, "us")})

    def set_by_hand(_self: BaseTask, _backend: object) -> None:
        bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(20.0)}, reason="seen on the screen")

    bench = make_bench(make_task(gives=found.parameters, analyse=lambda *_: found, accepted=set_by_hand))
    measured = bench.run()
    assert {name: value.value for name, value in measured.output_parameters.items()} == {
        "t1": 10.0,
        "t2": 15.0,
    }
    assert (bench.get_value("t1"), bench.get_value("t2")) == (20.0, 15.0)
    newest = bench.qdash.get(VALUES).show_event(ADMIN, 2).parts
    assert [(part.kind, list(part.values)) for part in newest] == [("calibrated", ["t2"])]
