"""The repositories."""

from qdash_core.artifacts.storage import CalibDataSaver, FilesystemCalibDataSaver
from qdash_core.repositories.chips import (
    ChipHistoryRepository,
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.executions import (
    CalibrationNoteRepository,
    ExecutionCounterRepository,
    ExecutionLockRepository,
    ExecutionRepository,
)
from qdash_core.repositories.identity import UserRepository
from qdash_core.repositories.results import TaskRepository, TaskResultHistoryRepository

__all__ = [
    "CalibDataSaver",
    "CalibrationNoteRepository",
    "ChipHistoryRepository",
    "ChipRepository",
    "CouplingCalibrationRepository",
    "ExecutionCounterRepository",
    "ExecutionLockRepository",
    "ExecutionRepository",
    "FilesystemCalibDataSaver",
    "QubitCalibrationRepository",
    "TaskRepository",
    "TaskResultHistoryRepository",
    "UserRepository",
]
