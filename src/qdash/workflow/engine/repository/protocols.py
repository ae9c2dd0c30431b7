"""Repositories of any store under the import path of the original."""

from qdash.repository import (
    CalibDataSaver,
    CalibrationNoteRepository,
    ChipHistoryRepository,
    ChipRepository,
    CouplingCalibrationRepository,
    ExecutionCounterRepository,
    ExecutionLockRepository,
    ExecutionRepository,
    QubitCalibrationRepository,
    TaskRepository,
    TaskResultHistoryRepository,
    UserRepository,
)

__all__ = [
    "CalibDataSaver",
    "CalibrationNoteRepository",
    "ChipHistoryRepository",
    "ChipRepository",
    "CouplingCalibrationRepository",
    "ExecutionCounterRepository",
    "ExecutionLockRepository",
    "ExecutionRepository",
    "QubitCalibrationRepository",
    "TaskRepository",
    "TaskResultHistoryRepository",
    "UserRepository",
]
