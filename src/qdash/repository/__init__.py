"""Repositories under the import path of the original."""

from qdash.repository.execution_counter import ExecutionCounterRepository
from qdash.repository.settings_store import (
    MongoCalibrationNoteRepository,
    MongoChipHistoryRepository,
    MongoChipRepository,
    MongoCouplingCalibrationRepository,
    MongoExecutionCounterRepository,
    MongoExecutionLockRepository,
    MongoExecutionRepository,
    MongoQubitCalibrationRepository,
    MongoTaskRepository,
    MongoTaskResultHistoryRepository,
    MongoUserRepository,
)
from qdash_core.artifacts.storage import CalibDataSaver, FilesystemCalibDataSaver
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
    "MongoCalibrationNoteRepository",
    "MongoChipHistoryRepository",
    "MongoChipRepository",
    "MongoCouplingCalibrationRepository",
    "MongoExecutionCounterRepository",
    "MongoExecutionLockRepository",
    "MongoExecutionRepository",
    "MongoQubitCalibrationRepository",
    "MongoTaskRepository",
    "MongoTaskResultHistoryRepository",
    "MongoUserRepository",
    "QubitCalibrationRepository",
    "TaskRepository",
    "TaskResultHistoryRepository",
    "UserRepository",
]
