"""Contracts of the standard tasks on a simulated chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_tasks import tasks
from qdash_testing import TaskContract
from qdash_testing.task_declarations import TaskDeclarations

from .found_values import COUPLINGS, UNCOUPLED, connected, designed, find_before, read_found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from qdash_core.models.estimates import Parameter
    from qdash_fake.backend import FakeBackend

TASKS = {task.__name__: task for task in tasks.TASKS}
QUICK = (
    "CheckQubitSpectroscopy",
    "CheckT1",
    "CreateHPIPulse",
    "ReadoutClassification",
    "Check1QGateCoherenceLimit",
    "SimultaneousRandomizedBenchmarking",
    "CheckZX90",
    "CheckBellState",
)
"""One task of each kind of measurement, whose contract is tested quickly."""
OTHERS = tuple(name for name in TASKS if name not in QUICK)
"""Tasks of which only declarations and outputs are tested quickly, and the rest in `test_fake_other_tasks.py`."""

DECLARATIONS = tuple(name for name in vars(TaskDeclarations) if name.startswith("test_"))
"""Tests of what a task declares, which need neither data nor a backend."""


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


def make_contracts(names: Iterable[str]) -> dict[str, type[FakeTask]]:
    """Return a test class for each of these tasks: a new task of the plugin is tested without a change here."""
    kinds = {"qubit": FakeTask, "coupling": FakeCouplingTask}
    return {
        f"Test{name}": type(f"Test{name}", (kinds[TASKS[name].task_type],), {"task": TASKS[name]})
        for name in names
    }
