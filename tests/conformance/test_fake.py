"""Contracts of tasks and backends on the simulated chips."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from qdash_core.backends.base import BackendContext
from qdash_core.models.estimates import Parameter
from qdash_core.testing import BackendContract, TaskContract
from qdash_fake.backend import FakeBackend
from qdash_fake.devices import load_device
from qdash_fake.folders import twin_folder
from qdash_fake.twin import create_twin
from qdash_tasks import tasks

from ..prepared.shared_files import shared_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.tasks.base import BaseTask

    Found = Mapping[str, Mapping[str, Parameter]]

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


@dataclass(frozen=True)
class Calibration:
    """Values that the tasks of a calibration find one after the other, measured once for all processes.

    Attributes
    ----------
    known
        Found values by kind of task, number of its tasks, and targets; then by target.
    """

    factory: pytest.TempPathFactory
    known: dict[tuple[str, int, tuple[str, ...]], Found] = field(default_factory=dict)

    def find_before(self, task: type[BaseTask]) -> Found:
        """Return the values that the tasks before `task` find, by target."""
        targets = UNCOUPLED if task.task_type == "qubit" else COUPLINGS
        return self.find(task.task_type, of_kind(task.task_type).index(task), targets)

    def find(self, kind: str, count: int, targets: tuple[str, ...]) -> Found:
        """Return the values that the first `count` tasks of a kind find, by target."""
        key = kind, count, targets
        if key not in self.known:
            with shared_path(self.factory, f"found-{kind}-{count}-{'-'.join(targets)}.json") as path:
                if not path.exists():
                    path.write_text(json.dumps(self._measure(kind, count, targets), default=asdict))
                found = json.loads(path.read_text())
            self.known[key] = {
                target: {name: Parameter(**one) for name, one in values.items()}
                for target, values in found.items()
            }
        return self.known[key]

    def _measure(self, kind: str, count: int, targets: tuple[str, ...]) -> Found:
        if count == 0:
            return {target: {} if kind == "qubit" else self._find_of_both(target) for target in targets}
        known = self.find(kind, count - 1, targets)
        task = of_kind(kind)[count - 1]
        contract = type("Earlier", (TaskContract,), {"task": task, "targets": targets})()
        contract.inputs, contract.design = known.__getitem__, designed
        with TemporaryDirectory() as home:
            backend = connected(Path(home))
            instances = contract.prepared(backend)
            measured = task.run_group(backend, instances)
            outputs = [one.postprocess(None, raw) for one, raw in zip(instances, measured, strict=True)]
        return {
            target: {**known[target], **output.parameters}
            for target, output in zip(targets, outputs, strict=True)
        }

    def _find_of_both(self, coupling: str) -> dict[str, Parameter]:
        """Return the values of both qubits of a coupling after a bring-up, under the names that its tasks declare."""
        count = len(of_kind("qubit"))
        of_qubits = {**self.find("qubit", count, UNCOUPLED), **self.find("qubit", count, NEIGHBOURS)}
        return {
            f"{role}_{name}": found
            for role, qid in zip(ROLES, coupling.split("-"), strict=True)
            for name, found in of_qubits[qid].items()
        }


def of_kind(kind: str) -> list[type[BaseTask]]:
    return [task for task in tasks.TASKS if task.task_type == kind]


@pytest.fixture(scope="module")
def calibration(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    return Calibration(tmp_path_factory)


class FakeTask(TaskContract):
    """A task of the fake backend, after all previous tasks of a bring-up."""

    targets = UNCOUPLED

    def backend(self, tmp_path: Path) -> FakeBackend:
        return connected(tmp_path)

    @pytest.fixture(autouse=True)
    def _calibration(self, calibration: Calibration) -> None:
        self.calibration = calibration

    def inputs(self, target: str) -> Mapping[str, Parameter]:
        return self.calibration.find_before(self.task)[target]

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
