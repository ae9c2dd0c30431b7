"""Outcomes of results: accepted, flagged, rejected or failed, and their effect on the chip's values."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_builtin.chips.feature import CALIBRATION_NOTES, CHIPS
from qdash_builtin.metrics.feature import METRICS
from qdash_core import AnalysisError, BackendError, OutputParameter, Parameter, QDashError, TaskOutput
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.executions import CalibrationNoteRepository
from qdash_core.repositories.results import LatestResultRepository
from qdash_core.validation.verdicts import Finding

from ...access import ADMIN
from ...case_tables import keep_quick
from ..bench import CHIP, PROJECT, make_backend, make_raising, make_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core import BaseTask
    from qdash_core.validation.verdicts import Candidate

    from ..conftest import MakeBench

NUMBER = {"t1": Parameter(10.0, 0.5, "us")}


class UnprintableError(Exception):
    """A foreign exception whose message cannot be read."""

    def __str__(self) -> str:
        raise ValueError


STAGES = ("__init__", "preprocess", "run", "postprocess")
RAISED = [
    (ValueError("no\npeak   found"), "ValueError: no peak found"),
    (KeyError("signal"), "KeyError: 'signal'"),
    (AssertionError(), "AssertionError"),
    (AnalysisError("the data hold no decay"), "the data hold no decay"),
    (BackendError("a cable is loose"), "a cable is loose"),
    (SystemExit(3), "SystemExit: 3"),
    (MemoryError(), "MemoryError"),
    (RecursionError("too deep"), "RecursionError: too deep"),
    (StopIteration(), "StopIteration"),
    (ExceptionGroup("several", [ValueError("one")]), "ExceptionGroup: several (1 sub-exception)"),
    (OSError("file \udcff"), "OSError: file ?"),
    (UnprintableError(), "UnprintableError"),
]


class StubValidator:
    """A validator with a verdict for each value, chosen by the test."""

    name = "chosen"
    _chosen = MappingProxyType({20.0: Verdict.FLAGGED, 30.0: Verdict.REJECTED})

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        value = candidate.output.parameters["t1"].value
        return [Finding(self._chosen[value], f"{value:g} is odd")] if value in self._chosen else []


def make_sequence_task(*values: float) -> type[BaseTask]:
    """Return a task that returns these values of `t1` one after the other."""
    coming = iter(values)
    return make_task(analyse=lambda self, _: TaskOutput({"t1": Parameter(next(coming), 0.5, "us")}))


@pytest.mark.every_store
def test_an_accepted_value_becomes_the_chips(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    result = bench.run()
    assert (result.status, result.verdict, result.reasons) == (TaskStatus.COMPLETED, Verdict.ACCEPTED, [])
    kept = bench.get_qubit().data["t1"]
    assert kept == result.output_parameters["t1"]
    assert (kept.value, kept.error, kept.unit, kept.task_id) == (10.0, 0.5, "us", result.task_id)
    assert kept.execution_id == result.execution_id
    assert result.start_at is not None
    assert result.end_at is not None
    assert kept.calibrated_at is not None
    assert result.start_at <= kept.calibrated_at <= result.end_at
    assert result.elapsed_time == (result.end_at - result.start_at).total_seconds()


def test_a_flagged_value_is_kept_and_shown_and_not_used(make_bench: MakeBench) -> None:
    bench = make_bench(make_sequence_task(10.0, 20.0), validators=[StubValidator()])
    bench.run()
    flagged = bench.run()
    assert (flagged.status, flagged.verdict) == (TaskStatus.COMPLETED, Verdict.FLAGGED)
    assert flagged.message == "flagged: 20 is odd"
    assert flagged.reasons == ["20 is odd"]
    assert bench.get_value() == 10.0
    latest = bench.repositories.of(LatestResultRepository).find(PROJECT, CHIP, "Measure", "0")
    assert latest is not None
    assert (latest.task_id, latest.verdict) == (flagged.task_id, Verdict.FLAGGED)
    shown = bench.qdash.get(METRICS).values(ADMIN, CHIP, flagged=True).qubits["0"]["t1"]
    assert (shown.parameter.value, shown.reasons) == (20.0, ("20 is odd",))


def test_a_rejected_value_is_a_failed_result_with_the_value_beside_it(make_bench: MakeBench) -> None:
    bench = make_bench(make_sequence_task(10.0, 30.0), validators=[StubValidator()])
    bench.run()
    rejected = bench.run()
    assert (rejected.status, rejected.verdict) == (TaskStatus.FAILED, Verdict.REJECTED)
    assert rejected.message == "rejected: 30 is odd"
    assert rejected.output_parameters["t1"].value == 30.0
    assert bench.get_value() == 10.0
    shown = bench.qdash.get(METRICS).values(ADMIN, CHIP, flagged=True).qubits["0"]["t1"]
    assert shown.parameter.value == 10.0


def test_values_of_other_tasks_stay(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), make_task("Other", {"t2_echo": Parameter(7.0, unit="us")}))
    bench.run()
    bench.run("Other")
    assert {name: found.value for name, found in bench.get_qubit().data.items()} == {
        "t1": 10.0,
        "t2_echo": 7.0,
    }
    assert bench.get_qubit("1").data == {}


def test_a_trial_is_recorded_and_changes_nothing(make_bench: MakeBench) -> None:
    bench = make_bench(make_sequence_task(10.0, 11.0))
    first = bench.run()
    trial = bench.run(saved=False)
    assert (trial.status, trial.verdict, trial.saved) == (TaskStatus.COMPLETED, Verdict.ACCEPTED, False)
    assert bench.get_value() == 10.0
    latest = bench.repositories.of(LatestResultRepository).find(PROJECT, CHIP, "Measure", "0")
    assert latest is not None
    assert latest.task_id == first.task_id
    assert [
        day.data["t1"].value
        for day in bench.repositories.of(QubitCalibrationRepository).list_days(PROJECT, CHIP, "0")
    ] == [10.0]


@pytest.mark.parametrize(
    ("value", "note"),
    [(10.0, "of Measure"), (20.0, "before"), (30.0, "before")],
    ids=["accepted", "flagged", "rejected"],
)
def test_only_what_becomes_the_chips_is_put_into_the_library(
    make_bench: MakeBench, value: float, note: str
) -> None:
    """The value is also in the note stored with the result."""
    hardware = make_backend(note={"pulse": "before"})
    given = {"t1": Parameter(value, 0.5, "us")}
    measure = make_task(gives=given, accepted=lambda *_: setattr(hardware, "note", {"pulse": "of Measure"}))
    bench = make_bench(measure, backends=[hardware], validators=[StubValidator()])
    session = bench.start_session()
    session.run_task("Measure", "0")
    if value != 30.0:  # no note is requested for a failed task
        assert bench.qdash.get(CALIBRATION_NOTES).get_latest(ADMIN, CHIP).note == {"pulse": note}
    session.complete()
    assert bench.qdash.get(CALIBRATION_NOTES).get_latest(ADMIN, CHIP).note == {"pulse": note}


def test_a_trial_is_neither_put_into_the_library_nor_stored_in_its_note(make_bench: MakeBench) -> None:
    hardware = make_backend(note={"pulse": "before"})
    measure = make_task(accepted=lambda *_: setattr(hardware, "note", {"pulse": "of Measure"}))
    bench = make_bench(measure, backends=[hardware])
    bench.run(saved=False)
    assert hardware.note == {"pulse": "before"}
    assert bench.repositories.of(CalibrationNoteRepository).get_latest(PROJECT, CHIP) is None


def test_what_cannot_be_put_into_the_library_is_no_result(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(accepted=make_raising(OSError("the disk is full"))))
    failed = bench.run()
    assert (failed.status, failed.verdict) == (TaskStatus.FAILED, None)
    assert failed.message.startswith("accepted: OSError: the disk is full")
    assert bench.get_value() is None


def test_a_backend_is_told_how_old_the_values_are_that_it_is_given(make_bench: MakeBench) -> None:
    hardware = make_backend()
    bench = make_bench(make_task(), make_task("Follow", {}, needs=["t1"]), backends=[hardware])
    bench.run()
    bench.run("Follow")
    assert hardware.applied[-1]["0"]["t1"].calibrated_at == bench.get_qubit().data["t1"].calibrated_at


def test_a_backend_can_tell_a_chip_from_one_that_had_its_name_before(make_bench: MakeBench) -> None:
    made: list[Any] = []
    hardware = make_backend(connect=lambda self: made.append(self.context.chip_made_at))
    bench = make_bench(make_task(), backends=[hardware])
    bench.run()
    bench.run()
    bench.qdash.get(CHIPS).delete(ADMIN, CHIP, force=True)
    bench.add_chip(CHIP)
    bench.run()
    assert made[0] == made[1] < made[2]


@pytest.mark.parametrize(
    ("stage", "error", "message"),
    keep_quick(
        [(stage, *raised) for raised in RAISED for stage in STAGES],
        *range(len(STAGES)),  # one error at every stage
        *range(STAGES.index("run"), len(RAISED) * len(STAGES), len(STAGES)),  # every error at one
    ),
    ids=lambda value: value if isinstance(value, str) and value in STAGES else type(value).__name__,
)
def test_whatever_a_task_raises_is_its_own_failure(
    make_bench: MakeBench, stage: str, error: BaseException, message: str
) -> None:
    bench = make_bench(make_task("Broken", **{stage: make_raising(error)}), make_task())
    session = bench.start_session()
    failed = bench.get_stored(session.run_task("Broken", "0"))
    sound = session.run_task("Measure", "0")
    execution = session.complete()
    assert (failed.status, failed.verdict) == (TaskStatus.FAILED, None)
    said = re.escape(message)
    if not isinstance(error, QDashError):  # whose message needs no addition
        said = rf"{stage}: {said} \(bench\.py:\d+\)"
    assert re.fullmatch(said, failed.message)
    assert failed.output_parameters == {}
    assert sound.status is TaskStatus.COMPLETED
    assert execution.tasks == {"failed": 1, "completed": 1}


def test_where_a_library_gives_up_the_task_that_called_it_is_named(make_bench: MakeBench) -> None:
    def analyse(self: BaseTask, result: object) -> TaskOutput:
        np.linalg.inv(np.zeros((2, 2)))
        raise NotImplementedError

    line = analyse.__code__.co_firstlineno + 1
    message = make_bench(make_task(analyse=analyse)).run().message
    assert message == f"postprocess: LinAlgError: Singular matrix (test_outcomes.py:{line})"


def test_a_message_as_long_as_a_book_is_cut(make_bench: MakeBench) -> None:
    message = make_bench(make_task(run=make_raising(ValueError("no lock " * 10_000)))).run().message
    assert message.startswith("run: ValueError: no lock no lock")
    assert re.search(r"\.\.\. \(bench\.py:\d+\)$", message)
    assert 2000 < len(message) < 2100


class NotATaskOutput:
    """An object of another type."""


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "Measure.postprocess returned NoneType, not TaskOutput"),
        (NotATaskOutput(), "Measure.postprocess returned NotATaskOutput, not TaskOutput"),
        ({"t1": 10.0}, "Measure.postprocess returned dict, not TaskOutput"),
        (TaskOutput(), "Measure declares t1 and did not deliver"),
        (TaskOutput({"t2_echo": Parameter(1.0)}), "Measure declares t1 and did not deliver"),
        (
            TaskOutput({**NUMBER, "t2_echo": Parameter(1.0)}),
            "Measure delivered t2_echo, which it does not declare",
        ),
        (TaskOutput({"t1": 10.0}), "Measure: t1 is float, not Parameter"),  # type: ignore[dict-item]
        (TaskOutput({"t1": Parameter("ten")}), "Measure: t1 is 'ten', not a number"),  # type: ignore[arg-type]
        (TaskOutput({"t1": Parameter(None)}), "Measure: t1 is None, not a number"),  # type: ignore[arg-type]
        (TaskOutput({"t1": Parameter(True)}), "Measure: t1 is True, not a number"),
        (TaskOutput({"t1": Parameter(1j)}), "Measure: t1 is 1j, not a number"),  # type: ignore[arg-type]
        (TaskOutput({"t1": Parameter(10.0, unit="MHz")}), "Measure: t1 is in µs, not in MHz"),
        (TaskOutput(NUMBER, note={"model": object()}), "Measure: the note is not JSON: object is not JSON"),
        (TaskOutput(NUMBER, note={"chi2": float("nan")}), "Measure: the note is not JSON: "),
        (TaskOutput(NUMBER, note={"file": "\udcff"}), "Measure: the note is not JSON: "),
    ],
)
def test_an_output_that_breaks_the_declaration_fails_the_task_and_says_how(
    make_bench: MakeBench, answer: Any, message: str
) -> None:
    bench = make_bench(make_task(analyse=lambda *_: answer))
    result = bench.run()
    assert result.status is TaskStatus.FAILED
    assert result.message.startswith(message)
    assert bench.get_qubit().data == {}


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (Parameter(float("nan"), 0.5), "rejected: t1 is nan"),
        (Parameter(float("inf"), 0.5), "rejected: t1 is inf"),
        (Parameter(10.0, 0.0), "rejected: the error of t1 is 0.0: leave it out when it is unknown"),
        (Parameter(10.0, -1.0), "rejected: the error of t1 is -1.0: leave it out when it is unknown"),
        (
            Parameter(10.0, float("nan")),
            "rejected: the error of t1 is nan: leave it out when it is unknown",
        ),
    ],
)
def test_numbers_that_mean_nothing_are_rejected(
    make_bench: MakeBench, found: Parameter, message: str
) -> None:
    bench = make_bench(make_task(analyse=lambda *_: TaskOutput({"t1": found})))
    result = bench.run()
    assert (result.status, result.message) == (TaskStatus.FAILED, message)
    assert bench.get_qubit().data == {}


@pytest.mark.parametrize("unit", ["us", "", "µs", "μs"])
def test_the_micro_unit_may_be_written_in_any_way_and_is_kept_in_one(
    make_bench: MakeBench, unit: str
) -> None:
    bench = make_bench(make_task(analyse=lambda *_: TaskOutput({"t1": Parameter(10.0, 0.5, unit)})))
    assert bench.run().output_parameters["t1"].unit == "us"


def test_numbers_of_numpy_are_numbers(make_bench: MakeBench) -> None:
    found = TaskOutput(
        {"t1": Parameter(np.float32(10.0), np.float64(0.5), "us")},  # type: ignore[arg-type]
        r2=np.float64(0.9),
        quality={"reduced_chi2": np.float32(1.0)},  # type: ignore[dict-item]
        note={"trace": np.arange(3), "snr": np.float64(4.5)},
    )
    result = make_bench(make_task(analyse=lambda *_: found)).run()
    assert (result.status, result.verdict) == (TaskStatus.COMPLETED, Verdict.ACCEPTED)
    assert (result.output_parameters["t1"].value, result.output_parameters["t1"].error) == (10.0, 0.5)
    assert (result.r2, result.quality, result.note) == (
        0.9,
        {"reduced_chi2": 1.0},
        {"trace": [0, 1, 2], "snr": 4.5},
    )


def test_a_whole_number_stays_one(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(gives={"best_shots": Parameter(4096)}))
    kept = bench.run().output_parameters["best_shots"]
    assert (kept.value, kept.value_type) == (4096, "int")
    assert type(kept.value) is int


def test_an_optional_output_may_be_left_undetermined(make_bench: MakeBench) -> None:
    outputs = {"t1": OutputParameter(unit="us"), "decay": OutputParameter(optional=True)}
    bench = make_bench(make_task(output_parameters=outputs))
    result = bench.run()
    assert (result.status, set(result.output_parameters)) == (TaskStatus.COMPLETED, {"t1"})
    assert result.output_parameter_names == ["t1", "decay"]


def test_an_unknown_error_is_absent_and_not_nought(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(gives={"t1": Parameter(10.0, None, "us")}))
    assert bench.run().output_parameters["t1"].error is None


@pytest.mark.parametrize("answer", [None, {"anything": object()}, 42])
def test_what_is_not_raw_data_is_analysed_and_not_kept(make_bench: MakeBench, answer: object) -> None:
    seen = []
    bench = make_bench(
        make_task(
            measure=lambda *_: answer,
            analyse=lambda self, result: seen.append(result) or TaskOutput(NUMBER),
        )
    )
    result = bench.run()
    assert (result.status, result.raw_data_path, seen) == (TaskStatus.COMPLETED, [], [answer])


def test_system_tasks_run_on_the_whole_chip(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("LinkUp", {}, task_type="system"))
    result = bench.run("LinkUp", "")
    assert (result.status, result.qid) == (TaskStatus.COMPLETED, "")
