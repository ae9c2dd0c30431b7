"""Stores, and the repositories built on them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qdash_core.repositories import (  # noqa: F401
        audit,
        chips,
        conversations,
        cryostats,
        executions,
        file_versions,
        flows,
        idempotency,
        identity,
        issues,
        logins,
        notes,
        plugin_records,
        provenance,
        queue,
        releases,
        results,
        tags,
        timetables,
        value_changes,
    )


def __getattr__(name: str) -> Any:
    """Import a module at its first use: a process needs few of them."""
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{name}":
            raise
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
