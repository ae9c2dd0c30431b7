"""Contracts of tasks and backends on the simulated chips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core.testing import BackendContract, TaskContract
from qdash_core.testing.task_declarations import TaskDeclarations
from qdash_fake.backend import FakeBackend
from qdash_tasks import tasks

from .found_values import (
    COUPLINGS,
    UNCOUPLED,
    connected,
    designed,
    find_before,
    measure_found,
    read_found,
    twin_context,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qdash_core.backends.base import BackendContext
    from qdash_core.models.estimates import Parameter


class TestFakeBackend(BackendContract):
    backend_class = FakeBackend

    def context(self, tmp_path: Path) -> BackendContext:
        return twin_context(tmp_path)


class FakeTask(TaskContract):
    """A task of the fake backend, after all previous tasks of a bring-up."""

    targets = UNCOUPLED

    def backend(self, tmp_path: Path) -> FakeBackend:
        return connected(tmp_path)

    def inputs(self, target: str) -> Mapping[str, Parameter]:
        return find_before(self.task, target, read_found())

    def design(self, target: str) -> Mapping[str, Mapping[str, float]]:
        return designed(target)


class FakeCouplingTask(FakeTask):
    """A task on couplings, after all tasks on qubits and the previous ones on couplings."""

    targets = COUPLINGS


# One test class for each task of the plugin: a new task is tested without a change here.
KINDS = {"qubit": FakeTask, "coupling": FakeCouplingTask}
CASES = {
    f"Test{task.__name__}": type(f"Test{task.__name__}", (KINDS[task.task_type],), {"task": task})
    for task in tasks.TASKS
}
QUICK = {
    "TestCheck1QGateCoherenceLimit",
    "TestCheckBellState",
    "TestCheckQubitSpectroscopy",
    "TestCheckSimultaneousQubitSpectroscopy",
    "TestCheckT1",
    "TestCreateHPIPulse",
    "TestCreateZX90",
    "TestReadoutClassification",
}
"""One class of each kind of measurement; of the others the declarations and outputs are tested quickly, the rest slowly."""
globals().update({name: case if name in QUICK else pytest.mark.slow(case) for name, case in CASES.items()})


@pytest.mark.parametrize("name", sorted({*CASES} - QUICK))
def test_a_task_is_declared_rightly_and_finds_what_it_declares(tmp_path: Path, name: str) -> None:
    case = CASES[name]()
    for of_class in vars(TaskDeclarations):
        if of_class.startswith("test_"):
            getattr(case, of_class)()
    backend = case.backend(tmp_path)
    (instance,) = case.prepared(backend, case.targets[:1])
    output = instance.postprocess(None, instance.run(backend))
    case.test_it_finds_every_output_that_it_declares_and_no_other(output)
    case.test_outputs_are_finite_in_the_declared_unit_with_an_honest_error(output)
    case.test_outputs_lie_within_the_declared_bounds(output)
    case.test_figures_of_merit_and_note_can_be_stored(output)
    backend.disconnect()


def test_the_values_of_every_task_are_recorded() -> None:
    for target, of_tasks in read_found().items():
        kind = "coupling" if "-" in target else "qubit"
        expected = [task.name for task in tasks.TASKS if task.task_type == kind]
        assert list(of_tasks) == expected, "record them by `python -m tests.conformance.found_values`"


@pytest.mark.release
def test_the_recorded_values_are_those_that_the_tasks_find() -> None:
    recorded = read_found()
    for target, of_tasks in measure_found().items():
        for task, values in of_tasks.items():
            for name, one in values.items():
                known = recorded[target][task][name]
                assert one.value == pytest.approx(known.value, rel=1e-6, abs=one.error), (target, task, name)
