"""Repository of cool-downs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.cooldown import CooldownModel
from qdash_core.repositories.keyed_repository import KeyedRepository
from qdash_core.repositories.store import Has

if TYPE_CHECKING:
    from qdash_core.models.pages import Page, PageRequest


class CooldownRepository(KeyedRepository[CooldownModel]):
    """Cool-downs by project and id."""

    collection = "cooldown"
    model = CooldownModel
    noun = "cool-down"
    order = ("-started_at",)

    def list_by_cryostat(self, project_id: str, cryo_id: str) -> list[CooldownModel]:
        """Return the cool-downs of a cryostat, newest first."""
        return self.select({"project_id": project_id, "cryo_id": cryo_id}, order=("-started_at",))

    def list_by_chip(self, project_id: str, chip_id: str) -> list[CooldownModel]:
        """Return the cool-downs that a chip is or was loaded in, newest first."""
        return self.select({"project_id": project_id, "chip_ids": Has(chip_id)}, order=("-started_at",))

    def page_of(
        self,
        project_id: str,
        request: PageRequest,
        *,
        cryo_id: str | None = None,
        chip_id: str | None = None,
    ) -> Page[CooldownModel]:
        """Return a page of the cool-downs of a project, newest first: all, or those of one cryostat or chip."""
        where: dict[str, object] = {"project_id": project_id}
        where |= {} if cryo_id is None else {"cryo_id": cryo_id}
        where |= {} if chip_id is None else {"chip_ids": Has(chip_id)}
        return self._page(where, request, order=("-started_at",))
