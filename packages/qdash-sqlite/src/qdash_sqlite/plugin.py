"""Plugin with the store on SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.plugin_markers import hookimpl

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store


@hookimpl
def qdash_repositories() -> list[type[Store]]:
    from qdash_sqlite.store import SQLiteStore

    return [SQLiteStore]
