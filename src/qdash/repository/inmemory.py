"""Repositories in memory, for tests and notebooks, each with its own store.

Each takes another's store (`InMemoryChipRepository(store)`), so that several can share one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash.repository.execution_counter import ExecutionCounterRepository
from qdash_core.repositories.base import Repository
from qdash_core.repositories.chips import (
    ChipHistoryRepository,
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.executions import (
    CalibrationNoteRepository,
    ExecutionLockRepository,
    ExecutionRepository,
)
from qdash_core.repositories.identity import UserRepository
from qdash_core.repositories.memory import MemoryStore
from qdash_core.repositories.results import TaskRepository, TaskResultHistoryRepository

if TYPE_CHECKING:
    from qdash_core.models.chip import ChipModel
    from qdash_core.repositories.store import Store


class _InMemory(Repository[Any]):
    def __init__(self, store: Store | None = None) -> None:
        super().__init__(store or MemoryStore.open("memory://"))

    def clear(self) -> None:
        """Remove every document of the collection."""
        with self._open_transaction() as transaction:
            transaction.delete(self.collection, {})


class InMemoryChipRepository(_InMemory, ChipRepository):
    """Chips in memory."""

    def add_chip(self, username: str, chip: ChipModel) -> None:
        """Add a chip of this user."""
        self.add(chip.model_copy(update={"username": username}))


class InMemoryChipHistoryRepository(_InMemory, ChipHistoryRepository):
    """Daily chip headers in memory."""


class InMemoryQubitCalibrationRepository(_InMemory, QubitCalibrationRepository):
    """Qubits in memory."""


class InMemoryCouplingCalibrationRepository(_InMemory, CouplingCalibrationRepository):
    """Couplings in memory."""


class InMemoryExecutionRepository(_InMemory, ExecutionRepository):
    """Executions in memory."""


class InMemoryExecutionCounterRepository(_InMemory, ExecutionCounterRepository):
    """Execution numbers in memory."""


class InMemoryExecutionLockRepository(_InMemory, ExecutionLockRepository):
    """Instrument locks in memory."""


class InMemoryCalibrationNoteRepository(_InMemory, CalibrationNoteRepository):
    """Calibration notes in memory."""


class InMemoryTaskResultHistoryRepository(_InMemory, TaskResultHistoryRepository):
    """Results in memory."""


class InMemoryTaskRepository(_InMemory, TaskRepository):
    """Task definitions in memory."""


class InMemoryUserRepository(_InMemory, UserRepository):
    """Users in memory."""


__all__ = [
    "InMemoryCalibrationNoteRepository",
    "InMemoryChipHistoryRepository",
    "InMemoryChipRepository",
    "InMemoryCouplingCalibrationRepository",
    "InMemoryExecutionCounterRepository",
    "InMemoryExecutionLockRepository",
    "InMemoryExecutionRepository",
    "InMemoryQubitCalibrationRepository",
    "InMemoryTaskRepository",
    "InMemoryTaskResultHistoryRepository",
    "InMemoryUserRepository",
]
