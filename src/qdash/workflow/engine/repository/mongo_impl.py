"""Repositories of the store of the settings under the import path of the original."""

from qdash.repository import (
    MongoCalibrationNoteRepository,
    MongoChipHistoryRepository,
    MongoChipRepository,
    MongoCouplingCalibrationRepository,
    MongoExecutionCounterRepository,
    MongoExecutionLockRepository,
    MongoQubitCalibrationRepository,
    MongoTaskRepository,
    MongoTaskResultHistoryRepository,
    MongoUserRepository,
)

__all__ = [
    "MongoCalibrationNoteRepository",
    "MongoChipHistoryRepository",
    "MongoChipRepository",
    "MongoCouplingCalibrationRepository",
    "MongoExecutionCounterRepository",
    "MongoExecutionLockRepository",
    "MongoQubitCalibrationRepository",
    "MongoTaskRepository",
    "MongoTaskResultHistoryRepository",
    "MongoUserRepository",
]
