"""Inputs that a run gives its tasks instead of the chip's values."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.exchange.feature import EXCHANGE
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.provenance.feature import PROVENANCE
from qdash_builtin.provenance.views.provenance import ProvenanceDocument
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import CalibService, InputParameter, InvalidInputError, OutputParameter, Parameter, TaskOutput
from qdash_core.errors import MissingInputError
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.task import TaskStatus

from ...access import ADMIN
from ..bench import CHIP, SIGNAL, make_backend, make_raising, make_task

if TYPE_CHECKING:
    from pathlib import Path

    from ..bench import Bench
    from ..conftest import MakeBench

OUTPUT = OutputParameter(unit="GHz", minimum=1.0, maximum=9.0)
FREQUENCY = make_task(
    "Frequency",
    analyse=lambda _task, _raw: TaskOutput({"qubit_frequency": Parameter(5.0, 0.001, "GHz")}),
    output_parameters=MappingProxyType({"qubit_frequency": OUTPUT}),
)
READ = {"drive": InputParameter(unit="GHz", source="qubit_frequency")}
T1 = make_task("T1", needs=READ)
OTHER = make_task("Other", {"t2": Parameter(1.0, 0.1, "us")})
GATE = make_task(
    "Gate",
    {"zx90_gate_fidelity": Parameter(0.9)},
    task_type="coupling",
    needs={
        "control_frequency": InputParameter(unit="GHz", source="qubit_frequency", role="control"),
        "target_frequency": InputParameter(unit="GHz", source="qubit_frequency", role="target"),
    },
)
GIVEN = {"qubit_frequency": Parameter(5.5, 0.1, "GHz")}


def run_steps(bench: Bench, *tasks: str, **given: Any) -> CalibService:
    service = bench.make_service(**given)
    service.run(QubitTargets(["0"]), [CustomOneQubit(list(tasks))])
    service.finish_calibration()
    return service


@pytest.mark.every_store
def test_a_given_input_is_recorded_as_given_by_the_user_and_of_no_result(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1)
    bench.run("Frequency")
    used = bench.run("T1", inputs=GIVEN).input_parameters["drive"]
    assert (used.value, used.error, used.unit) == (5.5, 0.1, "GHz")
    assert (used.from_user, used.task_id, used.target, used.parameter) == (True, "", "0", "qubit_frequency")
    own = bench.run("T1").input_parameters["drive"]
    assert (own.value, own.from_user) == (5.0, None)


def test_a_task_sees_the_given_value(make_bench: MakeBench) -> None:
    seen: list[dict[str, Parameter]] = []

    def measure(task: Any, _backend: object) -> object:
        seen.append(dict(task.context.inputs))
        return SIGNAL

    bench = make_bench(make_task("T1", needs=READ, measure=measure))
    bench.run("T1", inputs={"drive": Parameter(5.5)})
    assert seen == [{"drive": Parameter(5.5, None, "GHz")}]


def test_the_inputs_of_one_call_win_over_those_of_the_session(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    session = bench.start_session(inputs=GIVEN)
    values = [
        session.run_task("T1", "0", inputs=own).input_parameters["drive"].value
        for own in (None, {"drive": Parameter(5.6)})
    ]
    session.complete()
    assert values == [5.5, 5.6]


def test_an_input_that_the_chip_does_not_have_or_the_run_has_lost_may_be_given(make_bench: MakeBench) -> None:
    broken = make_task("Frequency", {"qubit_frequency": Parameter(5.0)}, run=make_raising(OSError("cable")))
    bench = make_bench(broken, T1)
    with pytest.raises(MissingInputError):
        run_steps(bench, "T1")
    run_steps(bench, "Frequency", "T1", inputs=GIVEN)
    states = {one.name: one.status for one in bench.list_results(bench.get_last_execution().execution_id)}
    assert states == {"Frequency": TaskStatus.FAILED, "T1": TaskStatus.COMPLETED}


@pytest.mark.parametrize("known", [True, False])
def test_the_backend_has_its_former_value_again_after_the_task(make_bench: MakeBench, known: bool) -> None:
    backend = make_backend(read_back=lambda _self, _target: {"qubit_frequency": 4.5})
    bench = make_bench(FREQUENCY, T1, OTHER, backends=[backend])
    if known:
        bench.run("Frequency")
    backend.applied.clear()
    run_steps(bench, "T1", "Other", inputs=GIVEN)
    applied = [one["0"]["qubit_frequency"].value for one in backend.applied if "0" in one]
    assert applied == [5.5, 5.0 if known else 4.5]


def test_a_backend_that_refuses_the_former_value_fails_the_task(make_bench: MakeBench) -> None:
    applied: list[object] = []

    def apply(_self: object, parameters: Any) -> None:
        applied.append(parameters)
        if len(applied) == 2:
            raise OSError("cable")

    bench = make_bench(T1, backends=[make_backend(apply=apply)])
    result = bench.run("T1", inputs=GIVEN)
    assert (result.status, "cable" in result.message) == (TaskStatus.FAILED, True)


def test_a_rerun_uses_the_given_inputs_of_its_original(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1)
    original = bench.run("T1", inputs=GIVEN)
    bench.run("Frequency")
    again = bench.run("T1", rerun_of=original.task_id, saved=False)
    assert again.input_parameters == original.input_parameters
    replaced = bench.run("T1", rerun_of=original.task_id, saved=False, inputs={"drive": Parameter(5.7)})
    assert replaced.input_parameters["drive"].value == 5.7


def test_a_refit_keeps_the_given_inputs(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    original = bench.run("T1", inputs=GIVEN)
    refit = bench.qdash.get(RESULTS).refit(ADMIN, original.task_id)
    assert refit.input_parameters == original.input_parameters


def test_a_given_input_has_not_moved(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1)
    bench.run("T1", inputs=GIVEN)
    bench.run("Frequency")
    assert bench.qdash.get(METRICS).list_marks(ADMIN, CHIP).get("0", {}).get("t1") is None


def test_a_given_input_comes_from_no_import_even_if_it_equals_the_imported_value(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(FREQUENCY, T1)
    frequency = bench.run("Frequency")
    ((name, contents),) = bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "json").files.items()
    (tmp_path / name).write_bytes(contents.replace(frequency.task_id.encode(), b""))
    compared = bench.qdash.get(EXCHANGE).compare(ADMIN, tmp_path / name, chip_id="copy")
    bench.qdash.get(EXCHANGE).perform_import(ADMIN, compared)
    links = {}
    for inputs in ({}, {"drive": Parameter(5.0)}):
        result = bench.run("T1", chip_id="copy", inputs=inputs)
        graph = bench.qdash.get(PROVENANCE).trace_result(ADMIN, result.task_id)
        document = ProvenanceDocument.from_graph(graph)
        (usage,) = document.used
        links[usage.from_user] = [node for node in graph.nodes if node.startswith("event")]
    assert bool(links[None])
    assert links[True] == []


@pytest.mark.parametrize(
    ("tasks", "inputs", "message"),
    [
        (
            ["T1"],
            {"drve": Parameter(5.5)},
            "drve: no task of this run has such an input; did you mean 'drive'",
        ),
        (
            ["Other"],
            {"drive": Parameter(5.5)},
            "drive: no task of this run has such an input (they have: none)",
        ),
        (["T1"], {"drive": Parameter(5.5, unit="us")}, "drive is in GHz, not in µs"),
        (["T1"], {"drive": Parameter(50.0)}, "drive = 50\N{NO-BREAK SPACE}GHz is above its maximum"),
        (["T1"], {"drive": Parameter(float("nan"))}, "drive must be a finite number"),
    ],
)
def test_an_input_that_no_task_can_use_is_refused_before_anything_is_written(
    make_bench: MakeBench, tasks: list[str], inputs: dict[str, Parameter], message: str
) -> None:
    bench = make_bench(FREQUENCY, T1, OTHER)
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        run_steps(bench, *tasks, inputs=inputs)
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []


def test_a_session_refuses_an_input_that_no_task_of_the_backend_has(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1)
    with pytest.raises(InvalidInputError, match="t3: no task of this run has such an input"):
        bench.start_session(inputs={"t3": Parameter(1.0)})
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []


def test_a_name_that_stands_for_both_qubits_of_a_coupling_is_refused(make_bench: MakeBench) -> None:
    bench = make_bench(GATE)
    session = bench.start_session()
    with pytest.raises(
        InvalidInputError, match="several targets: give control_frequency or target_frequency"
    ):
        session.plan_task("Gate", inputs=GIVEN)
    planned = session.plan_task("Gate", inputs={"target_frequency": Parameter(5.5)})
    assert planned.inputs == {"target_frequency": Parameter(5.5, None, "GHz")}
    session.complete()
