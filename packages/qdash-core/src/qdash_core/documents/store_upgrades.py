"""View model of `qdash store upgrade`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from qdash_core.migration.upgrade import UpgradeResult


class StoreUpgradeDocument(Document):
    """The upgrade of a store to the schema of this QDash, or its check."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "store": "sqlite:////home/lab/qdash.db",
                    "before": 9,
                    "after": 12,
                    "due": False,
                    "upgraded": True,
                    "copied_to": "/home/lab/qdash-schema-9.db",
                    "users": [],
                }
            ]
        }
    )

    store: str
    """URL of the store, without secrets."""
    before: int
    """Version of its schema before the upgrade."""
    after: int
    """Version of the schema of this QDash."""
    due: bool
    """True if the store still has to be upgraded."""
    upgraded: bool
    copied_to: str | None = None
    """Path of the copy of the store before the upgrade, or None if none was made."""
    users: list[str]
    """Processes that have the store open, after a check."""

    @classmethod
    def from_result(cls, result: UpgradeResult) -> Self:
        """Return the view model of an upgrade or its check."""
        return cls(
            store=result.store,
            before=result.upgrade.before,
            after=result.upgrade.after,
            due=result.is_due,
            upgraded=result.upgraded,
            copied_to=result.upgrade.copy or None,
            users=list(result.users),
        )
