"""The store itself: whether it can be opened, is sound, and holds what it should."""

from __future__ import annotations

from json import JSONDecodeError
from typing import TYPE_CHECKING

from pydantic import ValidationError

from qdash_core.health.findings import Finding
from qdash_core.models.complaints import first_complaint
from qdash_core.repositories.reading import entries
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.schema import COLLECTIONS, key_of
from qdash_core.urls import redacted

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.base import Record
    from qdash_core.repositories.schema import Collection
    from qdash_core.repositories.store import Snapshot, Store

RESTORE = (
    "restore a backup (qdash store restore; a damaged file is moved away first, with its -wal and -shm), or save what can "
    "be read (qdash store recover NEW_FILE)"
)
BRING_BACK = (
    "restore a backup (qdash store restore), or let QDASH_STORE_URL name the store that belongs to the raw data; "
    "qdash init --new begins anew beside them"
)
_NAMED = 3
"""So many broken documents are named."""


def is_sound(store: Store, url: str, *, deep: bool, within_s: float) -> Finding:
    """Look beneath the documents, and count what people know of."""
    with store.read() as snapshot:
        projects, executions = (snapshot.count(name, {}) for name in ("project", "execution_history"))
    found = store.soundness(deep=deep, within_s=None if deep else within_s)
    detail = f"{redacted(url)} holds {_counted(projects, 'project')}, {_counted(executions, 'execution')}"
    if found.problems:
        return Finding(
            "store", "failed", f"{redacted(url)}: {' '.join('; '.join(found.problems).split())}", RESTORE
        )
    return Finding("store", "ok", f"{detail} ({found.looked_at})")


def bereft(store: Store, url: str) -> Finding | None:
    """Return what is to be said of a store beside raw data that has no executions; None: it has some."""
    with store.read() as snapshot:
        projects, executions = (snapshot.count(name, {}) for name in ("project", "execution_history"))
    if executions:
        return None
    there = f"{redacted(url)} holds {'no executions' if projects else 'nothing'}, and there are raw data beside it"
    return Finding("store", "warning" if projects else "failed", there, BRING_BACK)


def documents_are_valid(store: Store, progress: Callable[[str, int, int | None], None]) -> Finding:
    """Read every document as what it should be."""
    broken, named, read = 0, list[str](), 0
    with store.read() as snapshot:
        total = sum(snapshot.count(name, {}) for name in COLLECTIONS)
        for name, model in models(snapshot).items():
            collection = COLLECTIONS[name]
            try:
                for entry in entries(snapshot, collection):
                    read += 1
                    progress("reading documents", read, total)
                    if (fault := _fault_of(model, entry.text)) is not None:
                        broken += 1
                        named.append(f"{_key_text(collection, entry.document)}: {fault}")
            except (JSONDecodeError, KeyError, TypeError) as error:
                broken += 1
                named.append(f"{name} cannot be read to its end: {error}")
    if broken:
        told = "; ".join(named[:_NAMED]) + ("; ..." if broken > _NAMED else "")
        return Finding("documents", "failed", f"{broken} of {read} are not what was written: {told}", RESTORE)
    return Finding("documents", "ok", f"{read} are as they should be")


def models(snapshot: Snapshot) -> dict[str, type[Record]]:
    """Return by collection what its documents are."""
    found: dict[str, type[Record]] = {}
    for repository in vars(Repositories(snapshot)).values():
        found[repository.collection] = repository.model
        if hasattr(repository, "history_model"):
            found[repository.history] = repository.history_model
    return found


def _fault_of(model: type[Record], text: str) -> str | None:
    try:
        model.model_validate_json(text)
    except ValidationError as error:
        return ": ".join(first_complaint(error))
    return None


def _key_text(collection: Collection, document: dict[str, object]) -> str:
    return f"{collection.name} {'/'.join(str(value) for value in key_of(collection, document))}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
