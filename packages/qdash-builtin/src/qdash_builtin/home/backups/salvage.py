"""Recovery of the readable documents of a damaged store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.home.backups.documents import open_documents
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.repositories.schema import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qdash_core.repositories.store import Store


@dataclass(frozen=True, slots=True)
class SalvageCounts:
    """Numbers of saved documents and of known losses of one collection."""

    saved: int
    lost: int


def salvage(
    kind: type[Store], url: str, file: Path, *, progress: Callable[[str, int, int | None], None]
) -> dict[str, SalvageCounts]:
    """Save the readable documents of the store at `url` into a new store in `file`; change nothing at `url`.

    Raises
    ------
    InvalidInputError
        If the file exists.
    StoreError
        If this kind of store cannot be salvaged, or no document can be read.
    """
    if file.exists():
        raise InvalidInputError(f"{file} is there already: name a new file")
    held = kind.read_catalogue(url)
    target = open_documents(file)
    try:
        with target.transaction() as transaction:
            transaction.keep_collections(held.declarations)
        found = {name: kind.readable(url, name) for name in {**COLLECTIONS, **held}}
        result = {}
        for name, documents in found.items():
            saved = lost = 0
            with target.transaction(durable=False) as transaction:
                for document in documents:
                    if document is None:
                        lost += 1
                        continue
                    try:
                        transaction.insert(name, document)
                        saved += 1
                    except (ConflictError, InvalidInputError):
                        lost += 1
                    progress(f"saving {name}", saved, None)
            result[name] = SalvageCounts(saved, lost)
        return result
    finally:
        target.close()
