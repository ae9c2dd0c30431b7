"""Tasks as programs: requests are measured in rounds, with all targets of a group in one call."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.backends.base import BaseBackend
from qdash_core.errors import AnalysisError, BackendError, InvalidInputError, PluginError
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.base import BaseTask, ChipView, RunContext, TaskOutput
from qdash_core.tasks.parameters import ArrayDeclaration, find_declared_array
from qdash_tasks.laboratory.limits import Limits
from qdash_tasks.laboratory.requests import (
    Chevron,
    RandomSequences,
    Relaxation,
    SingleShots,
)
from qdash_tasks.laboratory.shots import Shots
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import (
    MeasurementDeclaration,
    Program,
    measure_shots,
    measure_trace,
    measure_traces,
)
from qdash_tasks.programs.raw_arrays import require_complete

from ..case_tables import each_case
from .a_laboratory import SilentBackend, SilentLaboratory, right_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.request import Request

X = np.array([1.0, 2.0, 3.0])


class MeasureTwice(LaboratoryTask):
    """Measures a trace, then another trace and a map in one call."""

    name = "MeasureTwice"
    traces = MappingProxyType(
        {
            "first": MeasurementDeclaration(Relaxation, "a start"),
            "then_map": MeasurementDeclaration(Chevron, "a map"),
            "then_*": MeasurementDeclaration(Relaxation, "what follows"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        shots = self.context.parameters.get("shots", 10)
        if shots < 0:
            raise InvalidInputError("fewer than no shots")
        first = yield from measure_trace("first", Relaxation(X), shots)
        then = yield from measure_traces(
            {"then_map": Chevron(X, X[:2] + 4), "then_trace": Relaxation(2 * X)}, shots
        )
        return {"seen": [first.iq.size, *(trace.iq.size for trace in then.values())]}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:
        return TaskOutput({})


class KeepNothing(LaboratoryTask):
    """Stores only counts of single shots."""

    name = "KeepNothing"
    traces = MappingProxyType({"commanded_*": MeasurementDeclaration(SingleShots, "clouds")})
    arrays = MappingProxyType({"counts": ArrayDeclaration("", "shots of each state")})

    def program(self, laboratory: Laboratory) -> Program:
        requests = {f"commanded_{state}": SingleShots(state) for state in (0, 1)}
        found = yield from measure_shots(requests, 5, keep=False)
        counts = np.array([record.iq.size for record in found.values()])
        return RawData({"counts": (counts, "")}, {"kept": 0})


class KeepShots(LaboratoryTask):
    """Stores single shots and random sequences."""

    name = "KeepShots"
    traces = MappingProxyType(
        {
            "shots": MeasurementDeclaration(SingleShots, "a cloud"),
            "decay": MeasurementDeclaration(RandomSequences, ""),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        yield from measure_shots({"shots": SingleShots(1)}, 4)
        yield from measure_trace("decay", RandomSequences(X), 4)
        return {}


def prepared(
    task: type[BaseTask],
    qid: str,
    *,
    partial: Callable[[RawData], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    **parameters: Any,
) -> BaseTask:
    instance = task()
    instance.context = RunContext(
        qid=qid,
        inputs={},
        parameters=parameters,
        execution_id="20260101-000",
        task_id="t",
        chip=ChipView("chip", "silent", None),
        partial=partial,
        _cancelled=cancelled,
    )
    return instance


def group(laboratory: SilentLaboratory, *tasks: BaseTask) -> list[RawData | Exception]:
    kind = type(tasks[0])
    assert issubclass(kind, LaboratoryTask)
    return kind.run_group(SilentBackend(laboratory), tasks)


def raw_of(outcome: RawData | Exception) -> RawData:
    assert isinstance(outcome, RawData), outcome
    return outcome


def test_a_task_requires_the_port_and_the_requests_of_its_traces() -> None:
    assert MeasureTwice.requires == {"laboratory", "Relaxation", "Chevron"}
    assert MeasureTwice.backend is None


@pytest.mark.parametrize("task", [MeasureTwice, KeepShots])
def test_every_array_is_declared_with_its_unit(task: type[BaseTask]) -> None:
    raw = prepared(task, "0").run(SilentBackend(SilentLaboratory()))
    for name, (_, unit) in raw.arrays.items():
        declared = find_declared_array(task.arrays, name)
        assert declared is not None, name
        assert declared.unit == unit
    assert next(iter(MeasureTwice.arrays)) == "first_delay"


def test_a_task_that_keeps_other_arrays_declares_them_itself() -> None:
    assert KeepNothing.arrays["counts"] == ArrayDeclaration("", "shots of each state")


def test_a_program_knows_who_is_measured_in_one_go_with_its_target() -> None:
    tasks = [prepared(MeasureTwice, qid) for qid in "01"]
    group(SilentLaboratory(), *tasks)
    assert [task.context.group for task in tasks] == [("0", "1")] * 2


def test_libraries_of_fits_are_imported_before_the_first_call() -> None:
    code = """
import sys
from tests.tasks.test_laboratory_task import MeasureTwice, SilentLaboratory, group, prepared, right_answer
assert "scipy" not in sys.modules

def wait_and_answer(_target, request, shots):
    assert "scipy.special" in sys.modules
    return right_answer(request, shots)

(outcome,) = group(SilentLaboratory(answers=wait_and_answer), prepared(MeasureTwice, "0"))
assert outcome.attributes["complete"]
"""
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], timeout=60, check=True)


def test_what_a_task_asks_for_but_does_not_declare_is_named() -> None:
    class Sloppy(MeasureTwice):
        name = "Sloppy"
        traces = MappingProxyType({"first": MeasurementDeclaration(Relaxation, "a start")})

    laboratory = SilentLaboratory()
    (outcome,) = group(laboratory, prepared(Sloppy, "0"))
    assert isinstance(outcome, PluginError)
    assert "Sloppy requests Chevron under the name 'then_map'" in str(outcome)
    assert len(laboratory.calls) == 1


def test_a_subclass_without_traces_of_its_own_requires_what_its_base_does() -> None:
    class Again(MeasureTwice):
        name = "Again"

    assert Again.requires == MeasureTwice.requires


def test_raw_data_hold_every_answer_under_its_name_with_names_and_units_of_its_axes() -> None:
    raw = prepared(MeasureTwice, "0", reset="passive", interval=2e5).run(SilentBackend(SilentLaboratory()))
    assert {name: unit for name, (_, unit) in raw.arrays.items()} == {
        "first_delay": "us",
        "then_map_duration": "ns",
        "then_map_frequency": "GHz",
        "then_trace_delay": "us",
        **{
            f"{name}_{part}": unit
            for name in ("first", "then_map", "then_trace")
            for part, unit in (("iq", "a.u."), ("sigma", "a.u."), ("covariance", "a.u.^2"))
        },
    }
    assert raw.attributes == {
        "interval_us": 200.0,
        "reset": "passive",
        "seen": [3, 6, 3],
        "calls": 2,
        "complete": True,
    }
    assert require_complete(raw) is raw


def test_single_shots_and_what_sequences_end_in_are_kept_too() -> None:
    raw = prepared(KeepShots, "0").run(SilentBackend(SilentLaboratory()))
    assert raw["shots"].shape == (4,)
    assert raw["decay_length"].tolist() == X.tolist()
    assert raw["decay_ends"].dtype == np.bool_


def test_a_program_may_return_raw_data_and_keep_no_answer() -> None:
    raw = prepared(KeepNothing, "0").run(SilentBackend(SilentLaboratory()))
    assert raw.arrays.keys() == {"counts"}
    assert raw["counts"].tolist() == [5, 5]
    assert raw.attributes == {
        "interval_us": 153.6,
        "reset": "active",
        "kept": 0,
        "calls": 1,
        "complete": True,
    }


def test_a_group_is_measured_in_one_call_a_round() -> None:
    laboratory = SilentLaboratory()
    group(laboratory, *(prepared(MeasureTwice, qid) for qid in "012"))
    shots = Shots(count=10, reset="active")
    assert laboratory.calls == [
        (shots, {key: ["Relaxation"] for key in "012"}),
        (shots, {key: ["Chevron", "Relaxation"] for key in "012"}),
    ]


def test_targets_whose_shots_differ_are_measured_in_calls_of_their_own() -> None:
    laboratory = SilentLaboratory()
    tasks = (
        prepared(MeasureTwice, "0", shots=10),
        prepared(MeasureTwice, "1", shots=20),
        prepared(MeasureTwice, "2", shots=10),
    )
    group(laboratory, *tasks)
    assert [(shots.count, list(asked)) for shots, asked in laboratory.calls[:2]] == [
        (10, ["0", "2"]),
        (20, ["1"]),
    ]


def test_bad_input_is_refused_before_anything_is_measured_and_spares_the_others() -> None:
    laboratory = SilentLaboratory()
    refused, found = group(
        laboratory, prepared(MeasureTwice, "0", shots=-1), prepared(MeasureTwice, "1", shots=10)
    )
    assert isinstance(refused, InvalidInputError)
    assert raw_of(found).attributes["complete"]
    assert set(laboratory.asked) == {"1"}


def test_the_failure_of_one_target_is_its_own() -> None:
    def answers(target: str, request: Request, shots: Shots) -> Answer:
        if target == "1" and isinstance(request, Chevron):
            raise RuntimeError("no drive")
        return right_answer(request, shots)

    laboratory = SilentLaboratory(answers=answers)
    outcomes = group(laboratory, *(prepared(MeasureTwice, qid) for qid in "012"))
    assert [isinstance(outcome, RawData) for outcome in outcomes] == [True, False, True]
    assert str(outcomes[1]) == "no drive"


def test_a_call_that_fails_altogether_is_the_failure_of_all_that_were_in_it() -> None:
    class Lost(SilentLaboratory):
        def measure(self, requests: Any, shots: Shots) -> Any:
            if len(self.calls) == 1:
                raise ConnectionError("lost")
            return super().measure(requests, shots)

    outcomes = group(Lost(), prepared(MeasureTwice, "0"), prepared(MeasureTwice, "1"))
    assert [str(outcome) for outcome in outcomes] == ["lost", "lost"]


def test_a_run_that_is_cancelled_keeps_what_there_is() -> None:
    laboratory, partial = SilentLaboratory(), list[RawData]()
    cancelled = lambda: len(laboratory.calls) == 1  # noqa: E731
    task = prepared(MeasureTwice, "0", partial=partial.append, cancelled=cancelled)
    (outcome,) = group(laboratory, task)
    assert isinstance(outcome, BackendError)
    assert "cancelled" in str(outcome)
    (kept,) = partial
    assert kept["first_delay"].tolist() == X.tolist()
    with pytest.raises(AnalysisError, match="measurement is incomplete"):
        require_complete(kept)


def test_the_clock_of_the_last_measurement_is_kept_where_the_laboratory_has_one() -> None:
    began = iter([12.0, 14.0, 17.0])

    def answers(target: str, request: Request, shots: Shots) -> Answer:
        return replace(right_answer(request, shots), began_s=next(began))

    (outcome,) = group(SilentLaboratory(answers=answers), prepared(MeasureTwice, "0"))
    assert raw_of(outcome).attributes["clock_s"] == 17.0


@each_case(
    ("asked", "resets", "played"),
    [
        ("auto", {"active", "passive"}, "active"),
        ("auto", {"passive"}, "passive"),
        ("passive", {"active", "passive"}, "passive"),
    ],
)
def test_shots_are_reset_as_the_laboratory_can_where_nobody_says_how(
    asked: str, resets: set[str], played: str
) -> None:
    laboratory, task = (
        SilentLaboratory(Limits(resets=frozenset(resets))),
        prepared(MeasureTwice, "0", reset=asked),
    )
    (outcome,) = group(laboratory, task)
    assert raw_of(outcome).attributes["reset"] == played
    assert task.context.parameters["reset"] == played
    assert {shots.reset for shots, _ in laboratory.calls} == {played}


def test_a_backend_without_the_port_is_refused_by_name() -> None:
    class Other(BaseBackend):
        name = "other"

        def connect(self) -> None:
            """Do nothing."""

        def get_instance(self) -> object:
            return object()

    with pytest.raises(BackendError, match="backend other has no laboratory port"):
        prepared(MeasureTwice, "0").run(Other())
