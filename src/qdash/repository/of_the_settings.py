"""Repositories that need no store, under the names of the original system: they work on that of the current settings.

The project's own code never uses them: there, one object is handed on, which `open_qdash` returns.
"""

from __future__ import annotations

import atexit
import threading
from typing import TYPE_CHECKING, Any

from qdash_core.application import open_qdash
from qdash_core.repositories.base import Repository
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
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from qdash_core.repositories.store import Snapshot, Store

_OPEN: dict[str, Store] = {}
_OPENING = threading.Lock()


def current_store() -> Store:
    """Return the store that the settings name now: opened when it is first asked for, closed with the process."""
    settings = load_settings()
    with _OPENING:
        if settings.store_url not in _OPEN:
            store = open_qdash(settings).store
            atexit.register(store.close)
            _OPEN[settings.store_url] = store
        return _OPEN[settings.store_url]


class _OfTheSettings(Repository[Any]):
    """A repository that needs no store: without one it works on that of the current settings."""

    def __init__(self, scope: Store | Snapshot | None = None) -> None:
        super().__init__(scope or current_store())


class MongoChipRepository(_OfTheSettings, ChipRepository):
    """Chips."""


class MongoChipHistoryRepository(_OfTheSettings, ChipHistoryRepository):
    """Daily chip headers."""


class MongoQubitCalibrationRepository(_OfTheSettings, QubitCalibrationRepository):
    """Qubits."""


class MongoCouplingCalibrationRepository(_OfTheSettings, CouplingCalibrationRepository):
    """Couplings."""


class MongoExecutionRepository(_OfTheSettings, ExecutionRepository):
    """Executions."""


class MongoExecutionCounterRepository(_OfTheSettings, ExecutionCounterRepository):
    """Execution numbers."""


class MongoExecutionLockRepository(_OfTheSettings, ExecutionLockRepository):
    """Leases."""


class MongoCalibrationNoteRepository(_OfTheSettings, CalibrationNoteRepository):
    """Calibration notes."""


class MongoTaskResultHistoryRepository(_OfTheSettings, TaskResultHistoryRepository):
    """Results."""


class MongoTaskRepository(_OfTheSettings, TaskRepository):
    """Task definitions."""


class MongoUserRepository(_OfTheSettings, UserRepository):
    """Users."""
