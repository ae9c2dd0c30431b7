"""File with the documents of a backup, or with those saved of a damaged store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.hooks.manager import load_plugins

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.repositories.store import Store


def open_documents(file: Path, *, temporary: bool = False) -> Store:
    """Open documents in an SQLite file, which is created if it does not exist; parameters and errors are those of `Store.open_file`."""
    return load_plugins().store_class("sqlite").open_file(file, temporary=temporary)
