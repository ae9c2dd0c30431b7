"""The simulated chips keep the contracts of tasks and backends."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qdash_core.backends.base import BackendContext
from qdash_core.testing import BackendContract, TaskContract
from qdash_fake import tasks
from qdash_fake.backend import FakeBackend
from qdash_fake.devices import load_device
from qdash_fake.twin import create_twin, twin_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.tasks.parameters import Parameter

UNCOUPLED = ("0", "2", "4")
"""Qubits of jakarta that may be measured together."""


def twin_context(home: Path) -> BackendContext:
    """Make a twin below `home`: the same chip every time."""
    create_twin(twin_folder(home, project_id="default", chip_id="jakarta"), load_device("jakarta"), 1)
    return BackendContext("default", "jakarta", (), home)


def connected(home: Path) -> FakeBackend:
    backend = FakeBackend()
    backend.context = twin_context(home)
    backend.connect()
    return backend


class TestFakeBackend(BackendContract):
    backend_class = FakeBackend

    def context(self, tmp_path: Path) -> BackendContext:
        return twin_context(tmp_path)


class FakeTask(TaskContract):
    """A task of the fake backend, after all tasks that come before it in a bring-up."""

    targets = UNCOUPLED

    def backend(self, tmp_path: Path) -> FakeBackend:
        return connected(tmp_path)

    def inputs(self, target: str) -> Mapping[str, Parameter]:
        return found_before(self.task.name)[target]


# One class of tests for each task that the plugin gives: a new one is held to the contract without a line here.
globals().update(
    {
        f"Test{task.__name__}": type(f"Test{task.__name__}", (FakeTask,), {"task": task})
        for task in tasks.TASKS
    }
)


@cache
def found_before(name: str) -> Mapping[str, Mapping[str, Parameter]]:
    """Return what the tasks that come before `name` in a bring-up find, by target."""
    names = [task.name for task in tasks.TASKS]
    place = names.index(name)
    if place == 0:
        return {target: {} for target in UNCOUPLED}
    known = found_before(names[place - 1])
    contract = type("Earlier", (TaskContract,), {"task": tasks.TASKS[place - 1], "targets": UNCOUPLED})()
    contract.inputs = known.__getitem__
    with TemporaryDirectory() as home:
        backend = connected(Path(home))
        instances = contract.prepared(backend)
        measured = contract.task.run_group(backend, instances)
        outputs = [instance.postprocess(None, raw) for instance, raw in zip(instances, measured, strict=True)]
    return {
        target: {**known[target], **output.parameters}
        for target, output in zip(UNCOUPLED, outputs, strict=True)
    }
