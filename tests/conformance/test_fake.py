"""Contracts of tasks and backends on the simulated chips."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qdash_core.backends.base import BackendContext
from qdash_core.testing import BackendContract, TaskContract
from qdash_fake.backend import FakeBackend
from qdash_fake.devices import load_device
from qdash_fake.folders import twin_folder
from qdash_fake.twin import create_twin
from qdash_tasks import tasks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.estimates import Parameter

UNCOUPLED = ("0", "3")
"""Qubits of jakarta that can be measured together."""
NEIGHBOURS = ("1", "5")
"""Their neighbours, which can be measured together, too."""
COUPLINGS = ("0-1", "3-5")
"""Couplings of jakarta that can be measured together, with the lower number as a good control."""
ROLES = ("control", "target")


def twin_context(home: Path) -> BackendContext:
    """Create a twin in `home`, always of the same chip."""
    create_twin(twin_folder(home, project_id="default", chip_id="jakarta"), load_device("jakarta"), 1)
    return BackendContext("default", "jakarta", (), home)


def connected(home: Path) -> FakeBackend:
    backend = FakeBackend()
    backend.context = twin_context(home)
    backend.connect()
    return backend


def designed(target: str) -> Mapping[str, Mapping[str, float]]:
    """Return the design values of the target, or of both qubits of a coupling."""
    return {one: values for one, values in twin_design().items() if one in {target, *target.split("-")}}


@cache
def twin_design() -> Mapping[str, Mapping[str, float]]:
    """Return the design values of the whole chip."""
    with TemporaryDirectory() as home:
        return FakeBackend.design(twin_context(Path(home)))


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
        return found_before(self.task.name)[target]

    def design(self, target: str) -> Mapping[str, Mapping[str, float]]:
        return designed(target)


class FakeCouplingTask(FakeTask):
    """A task on couplings, after all tasks on qubits and the previous ones on couplings."""

    targets = COUPLINGS


# One test class for each task of the plugin: a new task is tested without a change here.
KINDS = {"qubit": FakeTask, "coupling": FakeCouplingTask}
globals().update(
    {
        f"Test{task.__name__}": type(f"Test{task.__name__}", (KINDS[task.task_type],), {"task": task})
        for task in tasks.TASKS
    }
)


def found_before(name: str) -> Mapping[str, Mapping[str, Parameter]]:
    """Return the values that the tasks before `name` in a calibration measure, by target."""
    kind = next(task.task_type for task in tasks.TASKS if task.name == name)
    of_kind = [task for task in tasks.TASKS if task.task_type == kind]
    count = [task.name for task in of_kind].index(name)
    return found_by(kind, count, UNCOUPLED if kind == "qubit" else COUPLINGS)


@cache
def found_by(kind: str, count: int, targets: tuple[str, ...]) -> Mapping[str, Mapping[str, Parameter]]:
    """Return the values that the first `count` tasks of a kind measure, by target."""
    if count == 0:
        return {target: {} if kind == "qubit" else of_both_qubits(target) for target in targets}
    known = found_by(kind, count - 1, targets)
    task = [one for one in tasks.TASKS if one.task_type == kind][count - 1]
    contract = type("Earlier", (TaskContract,), {"task": task, "targets": targets})()
    contract.inputs, contract.design = known.__getitem__, designed
    with TemporaryDirectory() as home:
        backend = connected(Path(home))
        instances = contract.prepared(backend)
        measured = contract.task.run_group(backend, instances)
        outputs = [instance.postprocess(None, raw) for instance, raw in zip(instances, measured, strict=True)]
    return {
        target: {**known[target], **output.parameters}
        for target, output in zip(targets, outputs, strict=True)
    }


def of_both_qubits(coupling: str) -> dict[str, Parameter]:
    """Return the values of both qubits of a coupling after a bring-up, under the names that its tasks
    declare.
    """
    count = sum(task.task_type == "qubit" for task in tasks.TASKS)
    of_qubits = {**found_by("qubit", count, UNCOUPLED), **found_by("qubit", count, NEIGHBOURS)}
    return {
        f"{role}_{name}": found
        for role, qid in zip(ROLES, coupling.split("-"), strict=True)
        for name, found in of_qubits[qid].items()
    }
