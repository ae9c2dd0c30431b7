"""Helpers for the tests of instrument locks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from qdash_core.locks.lock import ExecutionLock
from qdash_core.models.execution import ExecutionLockModel, ExecutionModel, ExecutionStatus
from qdash_core.repositories.executions import ExecutionLockRepository, ExecutionRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

PROJECT = "default"
CHIP = "chip"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
EXECUTION = "20260101-007"


def make_lock(
    store: Store, chip_id: str = CHIP, *, project_id: str = PROJECT, instrument: str = "", **given: Any
) -> ExecutionLock:
    """Return a lock for a chip, by default with an instrument of its own."""
    wanted = {"scope": "chip", "ttl_s": 30.0, **given}
    name = instrument or get_instrument(chip_id, project_id)
    return ExecutionLock(store, name, project_id=project_id, chip_id=chip_id, **wanted)


def get_instrument(chip_id: str = CHIP, project_id: str = PROJECT) -> str:
    """Return the instrument name of a chip with an instrument of its own."""
    return f"bench/{project_id}/{chip_id}"


def make_foreign_lock(**changes: Any) -> ExecutionLockModel:
    """Return a lock taken just now by a process on another host."""
    ttl_s, chip_id = changes.get("ttl_s", 30.0), changes.get("chip_id", CHIP)
    taken = {
        "instrument": get_instrument(chip_id), "project_id": PROJECT, "chip_id": chip_id, "owner": "somebody",
        "host": "elsewhere", "pid": 1, "process_start": 1.0, "execution_id": EXECUTION, "acquired_at": NOW,
        "expires_at": NOW + timedelta(seconds=ttl_s),
    }  # fmt: skip
    return ExecutionLockModel(**{**taken, **changes})


def write_lock(store: Store, lock: ExecutionLockModel) -> None:
    """Write a lock to the store, in place of any other on its instrument."""
    with store.transaction() as transaction:
        locks = Repositories(transaction).of(ExecutionLockRepository)
        for other in locks.list_by_instruments([lock.instrument]):
            locks.remove(other.hold)
        locks.put(lock)


def find_lock(store: Store, chip_id: str = CHIP) -> ExecutionLockModel | None:
    """Return the stored lock of a chip's instrument."""
    found = Repositories(store).of(ExecutionLockRepository).list_by_instruments([get_instrument(chip_id)])
    assert len(found) < 2
    return found[0] if found else None


def record_running(store: Store, execution_id: str = EXECUTION) -> ExecutionModel:
    """Record a running execution."""
    execution = ExecutionModel(
        project_id=PROJECT, username="alice", name="flow", execution_id=execution_id, chip_id=CHIP,
        status=ExecutionStatus.RUNNING, start_at=NOW,
    )  # fmt: skip
    Repositories(store).of(ExecutionRepository).add(execution)
    return execution
