"""Detection of homes without anything but their defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.project import DEFAULT_PROJECT, DEFAULT_USER

if TYPE_CHECKING:
    from qdash_core.repositories.store import Snapshot


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
