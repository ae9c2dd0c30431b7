"""Undeclared inputs: values that a task used in the backend's library without declaring them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.results.feature import RESULTS
from qdash_core import InputParameter, Parameter, TaskOutput
from qdash_core.flows.run import LiveRun
from qdash_core.models.task import TaskStatus

from ...access import ADMIN
from ..bench import SIGNAL, make_backend, make_raising, make_task

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..conftest import MakeBench

FREQUENCY = make_task("Frequency", {"qubit_frequency": Parameter(5.0, 0.001, "GHz")})
READS = {"0": {"qubit_frequency": Parameter(5.0, None, "GHz"), "beta": Parameter(0.7, None, "ns")}}
WITH_NEIGHBOURS = READS | {
    "1": {"beta": Parameter(0.9, None, "ns")},
    "0-1": {"phase": Parameter(0.1, None, "rad")},
}


def make_observed_backend(reads: Mapping[str, Mapping[str, Parameter]] | Any = READS) -> Any:
    """Return a backend whose library reports these values, and only while it is observed."""

    @contextmanager
    def observe_reads(_backend: object) -> Iterator[Any]:
        if not isinstance(reads, dict):
            yield reads
            return
        observed: dict[str, Mapping[str, Parameter]] = {}
        yield observed
        observed.update(reads)

    return make_backend(observe_reads=observe_reads)


@pytest.mark.every_store
def test_an_undeclared_value_of_the_chip_is_an_input_with_its_result(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, make_task(), backends=[make_observed_backend()])
    maker = bench.run("Frequency")
    used = bench.run("Measure").input_parameters
    assert set(used) == {"qubit_frequency", "beta"}
    known = used["qubit_frequency"]
    assert (known.value, known.error, known.unit, known.task_id) == (5.0, 0.001, "GHz", maker.task_id)
    assert (known.target, known.parameter, known.undeclared) == ("0", "qubit_frequency", True)


def test_another_value_than_the_chips_has_no_result(make_bench: MakeBench) -> None:
    reads = {"0": {"qubit_frequency": Parameter(5.1, None, "GHz")}}
    bench = make_bench(FREQUENCY, make_task(), backends=[make_observed_backend(reads)])
    bench.run("Frequency")
    used = bench.run("Measure").input_parameters["qubit_frequency"]
    assert (used.value, used.error, used.unit, used.task_id) == (5.1, None, "GHz", "")
    assert used.undeclared
    assert used.from_laboratory


def test_a_declared_input_without_a_value_of_the_chip_is_the_laboratorys(make_bench: MakeBench) -> None:
    consumer = make_task(
        needs={
            "drive": InputParameter(source="qubit_frequency"),
            "beta": InputParameter(required=False),
        }
    )
    bench = make_bench(FREQUENCY, consumer, backends=[make_observed_backend()])
    bench.run("Frequency")
    used = bench.run("Measure").input_parameters
    assert set(used) == {"drive", "beta"}
    assert (used["drive"].undeclared, used["drive"].from_laboratory) == (None, None)
    beta = used["beta"]
    assert (beta.value, beta.task_id, beta.undeclared, beta.from_laboratory) == (0.7, "", None, True)


def test_a_task_is_not_given_a_value_of_the_laboratory(make_bench: MakeBench) -> None:
    given: list[object] = []
    consumer = make_task(
        needs={"beta": InputParameter(required=False)},
        measure=lambda task, _backend: given.append(dict(task.context.inputs)) or SIGNAL,
    )
    bench = make_bench(consumer, backends=[make_observed_backend()])
    bench.run("Measure")
    assert given == [{}]


def test_a_value_that_the_laboratory_rounds_keeps_its_result(make_bench: MakeBench) -> None:
    consumer = make_task(needs=["qubit_frequency"])
    backend = make_backend(read_back=lambda _backend, target: {"qubit_frequency": 5.25})
    bench = make_bench(FREQUENCY, consumer, backends=[backend])
    maker = bench.run("Frequency")
    used = bench.run("Measure").input_parameters["qubit_frequency"]
    assert (used.value, used.error, used.given, used.task_id) == (5.25, None, 5.0, maker.task_id)


def test_a_task_on_a_coupling_reads_values_of_it_and_of_both_qubits(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(task_type="coupling"), backends=[make_observed_backend(WITH_NEIGHBOURS)])
    used = bench.run("Measure", "0-1").input_parameters
    assert set(used) == {"phase", "0:qubit_frequency", "0:beta", "1:beta"}
    assert {(one.target, one.parameter) for one in used.values()} == {
        ("0-1", "phase"), ("0", "qubit_frequency"), ("0", "beta"), ("1", "beta"),
    }  # fmt: skip


@pytest.mark.parametrize("task_type", ["qubit", "mux", "global", "system"])
def test_a_task_that_is_measured_alone_reads_values_of_all_targets(
    make_bench: MakeBench, task_type: str
) -> None:
    backends = [make_observed_backend(WITH_NEIGHBOURS)]
    bench = make_bench(FREQUENCY, make_task(task_type=task_type), backends=backends)
    maker = bench.run("Frequency")
    used = bench.run("Measure", "" if task_type in {"global", "system"} else "0").input_parameters
    frequency = "qubit_frequency" if task_type == "qubit" else "0:qubit_frequency"
    neighbours = {"1:beta", "0-1:phase"}
    assert neighbours < set(used)
    assert all(used[name].undeclared and used[name].from_laboratory for name in neighbours)
    assert (used["1:beta"].target, used["1:beta"].parameter) == ("1", "beta")
    assert used[frequency].task_id == maker.task_id


def test_a_name_that_a_task_declares_for_another_parameter_is_not_used_again(make_bench: MakeBench) -> None:
    consumer = make_task(needs={"beta": InputParameter(source="qubit_frequency")})
    bench = make_bench(FREQUENCY, consumer, backends=[make_observed_backend()])
    bench.run("Frequency")
    used = bench.run("Measure").input_parameters
    assert (used["beta"].value, used["0:beta"].value) == (5.0, 0.7)
    assert (used["beta"].undeclared, used["0:beta"].undeclared) == (None, True)


def test_targets_that_are_measured_together_have_their_own_reads(make_bench: MakeBench) -> None:
    together = make_task(
        simultaneous=True, run_group=classmethod(lambda _cls, _backend, tasks: [SIGNAL for _ in tasks])
    )
    bench = make_bench(
        together, backends=[make_observed_backend({**WITH_NEIGHBOURS, "2": WITH_NEIGHBOURS["1"]})]
    )
    session = bench.start_session()
    results = LiveRun(bench.qdash, session, ["0", "2", "4"]).run_tasks(["Measure"], kind="qubit")
    session.complete()
    assert [set(bench.get_stored(result).input_parameters) for result in results] == [
        {"qubit_frequency", "beta"},
        {"beta"},
        set(),
    ]


@pytest.mark.parametrize("stage", ["preprocess", "run", "postprocess"])
def test_a_failed_attempt_names_what_it_read(make_bench: MakeBench, stage: str) -> None:
    failing = make_task(**{stage: make_raising(ValueError("no peak"))})
    bench = make_bench(failing, backends=[make_observed_backend()])
    result = bench.run("Measure")
    assert result.status is TaskStatus.FAILED
    assert set(result.input_parameters) == {"qubit_frequency", "beta"}


def test_an_attempt_that_did_not_begin_to_measure_has_read_nothing(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(needs=["missing"]), backends=[make_observed_backend()])
    result = bench.run("Measure")
    assert result.status is TaskStatus.FAILED
    assert result.input_parameters == {}


def test_a_task_and_its_refit_see_declared_inputs_only(make_bench: MakeBench) -> None:
    seen: list[set[str]] = []

    def analyse(task: Any, _measured: Any) -> Any:
        seen.append(set(task.context.inputs))
        return TaskOutput({"t1": Parameter(10.0, 0.5, "us")})

    consumer = make_task(analyse=analyse, needs={"qubit_frequency": InputParameter()})
    bench = make_bench(FREQUENCY, consumer, backends=[make_observed_backend()])
    bench.run("Frequency")
    result = bench.run("Measure")
    refit = bench.qdash.get(RESULTS).refit(ADMIN, result.task_id)
    assert seen == [{"qubit_frequency"}, {"qubit_frequency"}]
    assert bench.get_stored(refit).input_parameters["beta"].undeclared


@pytest.mark.parametrize(
    "nonsense",
    [None, 3.0, {"0": 3.0}, {"0": {"beta": "much"}}, {"0": {"beta": Parameter(1j)}}],  # type: ignore[arg-type]
)
def test_reads_that_are_no_values_fail_the_task_alone(make_bench: MakeBench, nonsense: object) -> None:
    bench = make_bench(make_task(), backends=[make_observed_backend(nonsense)])
    session = bench.start_session()
    result = session.run_task("Measure", "0")
    session.complete()
    assert result.status is TaskStatus.FAILED
    assert "observe_reads" in result.message


def test_a_backend_that_cannot_observe_reads_fails_the_task_alone(make_bench: MakeBench) -> None:
    backend = make_backend(observe_reads=make_raising(ValueError("no access")))
    result = make_bench(make_task(), backends=[backend]).run("Measure")
    assert (result.status, result.input_parameters) == (TaskStatus.FAILED, {})
    assert "no access" in result.message


def test_a_value_that_is_not_finite_is_no_input(make_bench: MakeBench) -> None:
    reads = {"0": {"beta": Parameter(float("nan")), "gain": Parameter(2.0)}}
    used = make_bench(make_task(), backends=[make_observed_backend(reads)]).run("Measure").input_parameters
    assert set(used) == {"gain"}
