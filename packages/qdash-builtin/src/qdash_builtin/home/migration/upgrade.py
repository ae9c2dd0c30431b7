"""Upgrade of the store of the settings to the schema of this QDash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.home.migration.store_pair import get_store_class
from qdash_core.errors import InvalidInputError
from qdash_core.parsing.urls import redact_password
from qdash_core.repositories.schema import SCHEMA_VERSION
from qdash_core.repositories.store import StoreUpgrade

if TYPE_CHECKING:
    from qdash_core.hooks.manager import Registry
    from qdash_core.repositories.store import Store


@dataclass(frozen=True, slots=True)
class UpgradeResult:
    """Result of an upgrade, or of its check.

    Parameters
    ----------
    store : str
        URL of the store, without secrets.
    upgrade : StoreUpgrade
        Versions before and after; after a check, those of an upgrade now.
    users : tuple of str
        After a check, descriptions of the processes that have the store open.
    """

    store: str
    upgrade: StoreUpgrade
    upgraded: bool = False
    users: tuple[str, ...] = ()

    @property
    def is_due(self) -> bool:
        """True if the store still has an older schema."""
        return not self.upgraded and self.upgrade.before < self.upgrade.after


def check_upgrade(registry: Registry, url: str) -> UpgradeResult:
    """Return whether the store at a URL has an older schema, and then which processes have it open. It is not changed.

    Raises
    ------
    InvalidInputError
        If there is no store.
    NotFoundError, StoreError
        If no plugin opens the URL, or the store cannot be read or is newer.
    """
    kind, version = _read_version(registry, url)
    users = kind.list_users(url) if version < SCHEMA_VERSION else []
    return UpgradeResult(redact_password(url), StoreUpgrade(version, SCHEMA_VERSION), users=tuple(users))


def upgrade_store(registry: Registry, url: str) -> UpgradeResult:
    """Upgrade the store at a URL, unless it has the schema of this QDash.

    Raises
    ------
    LockedError
        If another process uses the store. It is unchanged then.
    InvalidInputError, NotFoundError, StoreError
        As `check_upgrade`, or if the upgrade fails.
    """
    kind, version = _read_version(registry, url)
    upgrade = kind.upgrade(url) if version < SCHEMA_VERSION else StoreUpgrade(version, version)
    return UpgradeResult(redact_password(url), upgrade, upgraded=upgrade.before < upgrade.after)


def _read_version(registry: Registry, url: str) -> tuple[type[Store], int]:
    kind = get_store_class(registry, url)
    version = kind.read_schema_version(url) if kind.shared else None
    if version is None:
        raise InvalidInputError(
            f"there is no store {redact_password(url)}: look at QDASH_HOME and QDASH_STORE_URL"
        )
    return kind, version
