"""Inputs of a task: their sources, and the refusal of a task without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core import InputParameter, OutputParameter, Parameter, TaskOutput
from qdash_core.models.task import TaskStatus

from ..bench import make_backend, make_task

if TYPE_CHECKING:
    from qdash_core import BaseTask

    from ..conftest import MakeBench

FREQUENCY = make_task("Frequency", {"qubit_frequency": Parameter(5.0, 0.001, "GHz")})


def make_consumer(**inputs: InputParameter) -> type[BaseTask]:
    """Return a task that returns its inputs, with the suffix `_seen`."""
    return make_task(
        "Consumer",
        {},
        needs=inputs,
        analyse=lambda self, _: TaskOutput(
            {f"{name}_seen": Parameter(found.value) for name, found in self.context.inputs.items()}
        ),
        output_parameters={f"{name}_seen": OutputParameter(optional=True) for name in inputs},
    )


@pytest.mark.every_store
def test_an_input_is_the_latest_accepted_value_with_the_result_that_made_it(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, make_consumer(qubit_frequency=InputParameter(unit="GHz")))
    session = bench.start_session()
    session.run_task("Frequency", "0")
    second = session.run_task("Frequency", "0")
    result = bench.get_stored(session.run_task("Consumer", "0"))
    session.complete()
    used = result.input_parameters["qubit_frequency"]
    assert (used.value, used.error, used.unit, used.task_id) == (5.0, 0.001, "GHz", second.task_id)
    assert result.output_parameters["qubit_frequency_seen"].value == 5.0
    assert result.upstream_id == second.task_id


def test_the_value_of_an_earlier_session_serves(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, make_consumer(qubit_frequency=InputParameter()))
    first = bench.run("Frequency")
    result = bench.run("Consumer")
    assert result.status is TaskStatus.COMPLETED
    assert result.input_parameters["qubit_frequency"].task_id == first.task_id
    assert result.upstream_id == ""


def test_a_default_is_used_and_has_no_maker(make_bench: MakeBench) -> None:
    bench = make_bench(make_consumer(amplitude=InputParameter(unit="a.u.", default=0.25)))
    used = bench.run("Consumer").input_parameters["amplitude"]
    assert (used.value, used.error, used.unit, used.task_id) == (0.25, None, "a.u.", "")


def test_an_accepted_value_wins_over_the_default(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, make_consumer(qubit_frequency=InputParameter(default=4.0)))
    bench.run("Frequency")
    assert bench.run("Consumer").input_parameters["qubit_frequency"].value == 5.0


def test_an_optional_input_without_a_value_is_absent(make_bench: MakeBench) -> None:
    bench = make_bench(make_consumer(readout_frequency=InputParameter(required=False)))
    result = bench.run("Consumer")
    assert result.status is TaskStatus.COMPLETED
    assert result.input_parameters == {}
    assert result.output_parameters == {}


def test_a_missing_input_fails_the_task_and_names_the_task_that_makes_it(make_bench: MakeBench) -> None:
    hardware = make_backend()
    bench = make_bench(
        FREQUENCY, make_task("Consumer", needs=["qubit_frequency"], measure=_fail), backends=[hardware]
    )
    result = bench.run("Consumer", "3")
    assert result.status is TaskStatus.FAILED
    assert result.message == (
        "Consumer needs qubit_frequency of 3, which has no accepted value: run Frequency first"
    )
    assert bench.get_value(qid="3") is None


def test_a_missing_input_that_nobody_makes_says_so(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("Consumer", needs=["moon_phase"]))
    assert bench.run("Consumer").message.endswith("no installed task makes it")


def test_a_missing_input_is_not_said_to_come_from_the_task_itself_or_another_backend(
    make_bench: MakeBench,
) -> None:
    elsewhere = make_task("Elsewhere", {"t1": Parameter(1.0)}, backend="somewhere-else")
    bench = make_bench(make_task("Renew", needs=["t1"]), elsewhere)
    assert bench.run("Renew").message.endswith("no installed task makes it")


def test_an_input_may_have_another_name_than_the_parameter_it_reads(make_bench: MakeBench) -> None:
    hardware = make_backend()
    bench = make_bench(
        FREQUENCY, make_consumer(drive=InputParameter(source="qubit_frequency")), backends=[hardware]
    )
    bench.run("Frequency")
    result = bench.run("Consumer")
    assert result.input_parameters["drive"].value == 5.0
    assert hardware.applied[-1] == {"0": {"qubit_frequency": Parameter(5.0, 0.001, "GHz")}}


@pytest.mark.parametrize(("coupling", "control", "target"), [("0-1", "0", "1"), ("2-3", "3", "2")])
def test_a_coupling_task_reads_its_control_its_target_and_the_coupling(
    make_bench: MakeBench, coupling: str, control: str, target: str
) -> None:
    """The control of 0-1 is unset, hence the lower number. That of 2-3 is 3."""
    number = make_task(
        "Number",
        {"number": Parameter(0.0)},
        analyse=lambda self, _: TaskOutput({"number": Parameter(float(self.context.qid))}),
    )
    phase = make_task("Phase", {"number": Parameter(23.0)}, task_type="coupling")
    asked = {
        role: InputParameter(source="number", role=role)  # type: ignore[arg-type]
        for role in ("qubit", "control", "target", "coupling")
    }
    reader = make_task("Reader", {}, needs=asked, task_type="coupling")
    hardware = make_backend()
    bench = make_bench(number, phase, reader, backends=[hardware])
    session = bench.start_session()
    for qid in ("0", "1", "2", "3"):
        session.run_task("Number", qid)
    session.run_task("Phase", coupling)
    result = session.run_task("Reader", coupling)
    session.complete()
    assert {name: str(int(used.value)) for name, used in result.input_parameters.items()} == {
        "qubit": control,
        "control": control,
        "target": target,
        "coupling": "23",
    }
    assert set(hardware.applied[-1]) == {control, target, coupling}


def test_what_the_library_really_uses_is_recorded_instead(make_bench: MakeBench) -> None:
    hardware = make_backend(read_back=lambda self, target: {"qubit_frequency": 4.9, "of_no_concern": 1.0})
    bench = make_bench(
        FREQUENCY, make_consumer(qubit_frequency=InputParameter(unit="GHz")), backends=[hardware]
    )
    maker = bench.run("Frequency")
    used = bench.run("Consumer").input_parameters["qubit_frequency"]
    assert (used.value, used.error, used.unit, used.task_id) == (4.9, None, "GHz", maker.task_id)


def test_what_is_read_back_unchanged_keeps_its_origin(make_bench: MakeBench) -> None:
    hardware = make_backend(read_back=lambda self, target: {"qubit_frequency": 5.0})
    bench = make_bench(
        FREQUENCY, make_consumer(qubit_frequency=InputParameter(unit="GHz")), backends=[hardware]
    )
    maker = bench.run("Frequency")
    assert bench.run("Consumer").input_parameters["qubit_frequency"].task_id == maker.task_id


@pytest.mark.parametrize("nonsense", [{"qubit_frequency": "five"}, {"qubit_frequency": 1j}, None, 3.0])
def test_nonsense_that_a_backend_reads_back_fails_the_task_alone(
    make_bench: MakeBench, nonsense: object
) -> None:
    hardware = make_backend(read_back=lambda self, target: nonsense)
    bench = make_bench(FREQUENCY, make_task("Consumer", needs=["qubit_frequency"]), backends=[hardware])
    session = bench.start_session()
    session.run_task("Frequency", "0")
    assert session.run_task("Consumer", "0").status is TaskStatus.FAILED
    assert session.run_task("Frequency", "0").status is TaskStatus.COMPLETED
    session.complete()


@pytest.mark.parametrize("error", [OSError("cable"), SystemExit(3)])
def test_a_backend_that_cannot_apply_fails_the_task(make_bench: MakeBench, error: BaseException) -> None:
    def apply(self: object, parameters: object) -> None:
        raise error

    bench = make_bench(make_task(), backends=[make_backend(apply=apply)])
    result = bench.run()
    assert result.status is TaskStatus.FAILED
    assert result.message.startswith(f"backend.apply: {type(error).__name__}: {error} (test_inputs.py:")
    reading = make_backend(read_back=apply)
    bench = bench.reinstall(FREQUENCY, make_task("Consumer", needs=["qubit_frequency"]), backends=[reading])
    bench.run("Frequency")
    assert bench.run("Consumer").message.startswith(f"backend.read_back: {type(error).__name__}: {error} (")


def _fail(*_: object) -> None:
    pytest.fail("nothing may be measured")
