"""Detection of empty and incomplete stores, and of raw data without their store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.artifacts.storage_features import list_missing_features
from qdash_core.errors import StoreError
from qdash_core.models.attachment import ATTACHMENTS
from qdash_core.models.project import DEFAULT_PROJECT, DEFAULT_USER
from qdash_core.urls import redact_password

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.repositories.store import Snapshot, Store
    from qdash_core.settings import Settings


def is_empty(store: Store) -> bool:
    """Return whether a store has no project; every home begins with one."""
    with store.read() as snapshot:
        return snapshot.count("project", {}) == 0


def is_fresh_home(snapshot: Snapshot) -> bool:
    """Return whether a store has at most the defaults: user `admin` without password, project `default`."""
    admin = snapshot.get("user", (DEFAULT_USER,)) or {}
    defaults = {
        "user": bool(admin),
        "project": snapshot.get("project", (DEFAULT_PROJECT,)) is not None,
        "project_membership": snapshot.get("project_membership", (DEFAULT_PROJECT, DEFAULT_USER)) is not None,
    }
    return not admin.get("hashed_password") and all(
        snapshot.count(name, {}) == defaults.get(name, False) for name in snapshot.collections
    )


def holds_raw_data(artifacts: CalibDataSaver, *, of_results: bool = False) -> bool:
    """Return whether a storage holds files, or those of results, or False if it cannot list them."""
    if "paths" in list_missing_features(artifacts):
        return False
    return any(not (of_results and path.startswith(ATTACHMENTS)) for path in artifacts.paths())


def refuse_foreign_raw_data(
    settings: Settings, artifacts: CalibDataSaver, store_is_empty: Callable[[], bool]
) -> None:
    """Raise StoreError for an empty store beside raw data, whose record is lost or elsewhere.

    Raises
    ------
    StoreError
        If the store is empty and there are raw data; the message tells what to do.
    """
    # Checked twice: another process may have created the store, and measured, in between.
    if store_is_empty() and holds_raw_data(artifacts) and store_is_empty():
        raise StoreError(
            f"the store {redact_password(settings.store_url)} is empty, and {redact_password(settings.artifacts_url)} holds raw data: "
            "restore a backup (qdash store restore BACKUP), let QDASH_STORE_URL name the store that belongs to them, or "
            "begin anew beside them with qdash init --new"
        )


def refuse_incomplete_store(store: Store, url: str) -> None:
    """Raise StoreError if a store has chips or executions but no project, after an interrupted restore."""
    if not is_empty(store):
        return
    with store.read() as snapshot:
        partial = any(snapshot.count(name, {}) for name in ("chip", "execution_history"))
    if partial and is_empty(store):
        raise StoreError(
            f"the store {redact_password(url)} holds a part of a backup: its restore was interrupted. The same qdash store restore "
            "goes on from there"
        )
