"""Cool-downs as they are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.base import utc_now
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.cryostat import CooldownModel
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.store import Store


class CooldownLooking:
    """Cool-downs of one store, to look at; `CooldownService` changes them.

    Parameters
    ----------
    store : Store
        Where they are kept.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def of_project(self, access: Access) -> list[CooldownModel]:
        """Return the cool-downs of a project, newest first."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).cooldowns.of_project(access.project_id)

    def of_cryostat(self, access: Access, cryo_id: str) -> list[CooldownModel]:
        """Return the cool-downs of a cryostat, newest first; NotFoundError when there is no such cryostat."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.cryostats.require(access.project_id, cryo_id)
            return repositories.cooldowns.of_cryostat(access.project_id, cryo_id)

    def of_chip(self, access: Access, chip_id: str) -> list[CooldownModel]:
        """Return the cool-downs that a chip is or was in, newest first; NotFoundError when there is no such chip."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.chips.require(access.project_id, chip_id)
            return repositories.cooldowns.of_chip(access.project_id, chip_id)

    def show(self, access: Access, cooldown_id: str) -> CooldownModel:
        """Return a cool-down; NotFoundError when there is none."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).cooldowns.require(access.project_id, cooldown_id)

    def page(
        self,
        access: Access,
        request: PageRequest,
        *,
        cryo_id: str | None = None,
        chip_id: str | None = None,
    ) -> Page[CooldownModel]:
        """Return a page of the cool-downs of a project, newest first: all, or those of one cryostat or of one chip.

        Raises
        ------
        NotFoundError
            If there is no such cryostat or chip.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            if cryo_id is not None:
                repositories.cryostats.require(access.project_id, cryo_id)
            if chip_id is not None:
                repositories.chips.require(access.project_id, chip_id)
            return repositories.cooldowns.page(access.project_id, request, cryo_id=cryo_id, chip_id=chip_id)
