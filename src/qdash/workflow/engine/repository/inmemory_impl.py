"""Repositories in memory under the import path of the original."""

from qdash.repository.inmemory import (
    InMemoryCalibrationNoteRepository,
    InMemoryChipHistoryRepository,
    InMemoryChipRepository,
    InMemoryCouplingCalibrationRepository,
    InMemoryExecutionCounterRepository,
    InMemoryExecutionLockRepository,
    InMemoryExecutionRepository,
    InMemoryQubitCalibrationRepository,
    InMemoryTaskRepository,
    InMemoryTaskResultHistoryRepository,
    InMemoryUserRepository,
)

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
