"""A store that holds nothing beside raw data that somebody measured: it is not the one that belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.artifacts.verifiable import lacking
from qdash_core.errors import StoreError
from qdash_core.models.project import DEFAULT_PROJECT, DEFAULT_USER
from qdash_core.repositories.schema import COLLECTIONS
from qdash_core.urls import redacted

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.repositories.store import Snapshot, Store
    from qdash_core.settings import Settings


def is_empty(store: Store) -> bool:
    """Whether a store has not even the project that every home begins with."""
    with store.read() as snapshot:
        return snapshot.count("project", {}) == 0


def is_fresh_home(snapshot: Snapshot) -> bool:
    """Whether a store holds at most what opening it makes: user `admin` without a password, project `default`."""
    admin = snapshot.get("user", (DEFAULT_USER,)) or {}
    defaults = {
        "user": bool(admin),
        "project": snapshot.get("project", (DEFAULT_PROJECT,)) is not None,
        "project_membership": snapshot.get("project_membership", (DEFAULT_PROJECT, DEFAULT_USER)) is not None,
    }
    return not admin.get("hashed_password") and all(
        snapshot.count(name, {}) == defaults.get(name, False) for name in COLLECTIONS
    )


def holds_raw_data(artifacts: CalibDataSaver) -> bool:
    """Whether a storage holds anything, as far as it can tell."""
    return "paths" not in lacking(artifacts) and next(iter(artifacts.paths()), None) is not None


def refuse_foreign_raw_data(
    settings: Settings, artifacts: CalibDataSaver, store_is_empty: Callable[[], bool]
) -> None:
    """Refuse an empty store beside raw data: the record of them is lost, or lies elsewhere.

    Raises
    ------
    StoreError
        If it is so. What to do is said.
    """
    # Asked for again: another process may have made the store, and measured, in between.
    if store_is_empty() and holds_raw_data(artifacts) and store_is_empty():
        raise StoreError(
            f"the store {redacted(settings.store_url)} is empty, and {redacted(settings.artifacts_url)} holds raw data: "
            "restore a backup (qdash store restore BACKUP), let QDASH_STORE_URL name the store that belongs to them, or "
            "begin anew beside them with qdash init --new"
        )


def refuse_part_of_a_store(store: Store, url: str) -> None:
    """Refuse a store that has chips or executions and no project: a restore was cut; StoreError."""
    if not is_empty(store):
        return
    with store.read() as snapshot:
        partial = any(snapshot.count(name, {}) for name in ("chip", "execution_history"))
    if partial and is_empty(store):
        raise StoreError(
            f"the store {redacted(url)} holds a part of a backup: its restore was cut. The same qdash store restore "
            "goes on from there"
        )
