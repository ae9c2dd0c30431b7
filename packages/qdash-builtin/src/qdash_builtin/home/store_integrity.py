"""Checks of the store: integrity and validity of documents."""

from __future__ import annotations

from contextlib import suppress
from json import JSONDecodeError
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from pydantic import ValidationError

from qdash_builtin.home.repositories.iteration import iterate_entries
from qdash_core.models.error_messages import find_first_error
from qdash_core.models.health_findings import RESTORE, HealthFinding
from qdash_core.models.quantities import format_count
from qdash_core.parsing.urls import redact_password
from qdash_core.repositories.collection import extract_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_core.models.base import Record
    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.store import Store

BRING_BACK = (
    "restore a backup (qdash store restore), or let QDASH_STORE_URL name the store that belongs to the raw data; "
    "qdash init --new begins anew beside them"
)
_NAMED = 3
"""Maximum number of invalid documents that a finding names."""


def check_integrity(store: Store, url: str, *, deep: bool, within_s: float) -> HealthFinding:
    """Check the integrity of the store, and count its projects and executions."""
    with store.read() as snapshot:
        projects, executions = (snapshot.count(name, {}) for name in ("project", "execution_history"))
    found = store.soundness(deep=deep, within_s=None if deep else within_s)
    detail = f"{redact_password(url)} holds {format_count(projects, 'project')}, {format_count(executions, 'execution')}"
    if found.problems:
        return HealthFinding(
            "store",
            "failed",
            f"{redact_password(url)}: {' '.join('; '.join(found.problems).split())}",
            RESTORE,
        )
    return HealthFinding("store", "ok", f"{detail} ({found.looked_at})")


def find_lost_records(store: Store, url: str) -> HealthFinding | None:
    """Return a finding on a store without executions beside raw data, or None if it has executions."""
    with store.read() as snapshot:
        projects, executions = (snapshot.count(name, {}) for name in ("project", "execution_history"))
    if executions:
        return None
    there = f"{redact_password(url)} holds {'no executions' if projects else 'nothing'}, and there are raw data beside it"
    return HealthFinding("store", "warning" if projects else "failed", there, BRING_BACK)


def check_documents(store: Store, progress: Callable[[str, int, int | None], None]) -> HealthFinding:
    """Validate every document against its model."""
    broken, named, read = 0, list[str](), 0
    with store.read() as snapshot:
        collections = snapshot.collections
        models = map_models(collections)
        total = sum(snapshot.count(name, {}) for name in collections)
        for name, collection in collections.items():
            try:
                for entry in iterate_entries(snapshot, collection):
                    read += 1
                    progress("reading documents", read, total)
                    if (fault := _find_fault(models.get(name), entry.text)) is not None:
                        broken += 1
                        named.append(f"{_format_key(collection, entry.document)}: {fault}")
            except (JSONDecodeError, KeyError, TypeError) as error:
                broken += 1
                named.append(f"{name} cannot be read to its end: {error}")
    if broken:
        message = "; ".join(named[:_NAMED]) + ("; ..." if broken > _NAMED else "")
        return HealthFinding("documents", "failed", f"{broken} of {read} are damaged: {message}", RESTORE)
    return HealthFinding("documents", "ok", f"{read} are as they should be")


def map_models(collections: Mapping[str, Collection]) -> dict[str, type[Record]]:
    """Return the models of the documents by collection, where there is one."""
    found: dict[str, type[Record]] = {}
    for name, collection in collections.items():
        if collection.model:
            with suppress(ImportError, AttributeError):  # of a feature that is not installed
                found[name] = resolve_name(collection.model)
    return found


def _find_fault(model: type[Record] | None, text: str) -> str | None:
    if model is None:
        return None
    try:
        model.model_validate_json(text)
    except ValidationError as error:
        return ": ".join(find_first_error(error))
    return None


def _format_key(collection: Collection, document: dict[str, object]) -> str:
    return f"{collection.name} {'/'.join(str(value) for value in extract_key(collection, document))}"
