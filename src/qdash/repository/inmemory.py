"""The repositories over a store of their own in memory, for tests and notebooks."""

from qdash_core.repositories.inmemory import (
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
