"""Repositories under the names of the original system, on the store of the current settings.

The project's own code never uses them: there, one object is handed on, which `open_qdash` returns.
"""

from __future__ import annotations

import atexit
import threading
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
from qdash_core.repositories.results import TaskRepository, TaskResultHistoryRepository
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from qdash_core.repositories.store import Snapshot, Store

_OPEN: dict[str, Store] = {}
_OPENING = threading.Lock()


def get_current_store() -> Store:
    """Return the store of the current settings, opened on first use and closed with the process."""
    settings = load_settings()
    with _OPENING:
        if settings.store_url not in _OPEN:
            store = open_qdash(settings).store
            atexit.register(store.close)
            _OPEN[settings.store_url] = store
        return _OPEN[settings.store_url]


class _SettingsRepository(Repository[Any]):
    """Base class of repositories that use the store of the current settings by default."""

    def __init__(self, scope: Store | Snapshot | None = None) -> None:
        super().__init__(scope or get_current_store())


class MongoChipRepository(_SettingsRepository, ChipRepository):
    """Chips in the store of the current settings."""


class MongoChipHistoryRepository(_SettingsRepository, ChipHistoryRepository):
    """Daily chip headers in the store of the current settings."""


class MongoQubitCalibrationRepository(_SettingsRepository, QubitCalibrationRepository):
    """Qubits in the store of the current settings."""


class MongoCouplingCalibrationRepository(_SettingsRepository, CouplingCalibrationRepository):
    """Couplings in the store of the current settings."""


class MongoExecutionRepository(_SettingsRepository, ExecutionRepository):
    """Executions in the store of the current settings."""


class MongoExecutionCounterRepository(_SettingsRepository, ExecutionCounterRepository):
    """Execution numbers in the store of the current settings."""


class MongoExecutionLockRepository(_SettingsRepository, ExecutionLockRepository):
    """Instrument locks in the store of the current settings."""


class MongoCalibrationNoteRepository(_SettingsRepository, CalibrationNoteRepository):
    """Calibration notes in the store of the current settings."""


class MongoTaskResultHistoryRepository(_SettingsRepository, TaskResultHistoryRepository):
    """Results in the store of the current settings."""


class MongoTaskRepository(_SettingsRepository, TaskRepository):
    """Task definitions in the store of the current settings."""


class MongoUserRepository(_SettingsRepository, UserRepository):
    """Users in the store of the current settings."""
