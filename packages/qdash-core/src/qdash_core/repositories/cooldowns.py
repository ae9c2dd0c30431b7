"""Repository of cool-downs."""

from __future__ import annotations

from qdash_core.models.cooldown import CooldownModel
from qdash_core.repositories.keyed_repository import KeyedRepository
from qdash_core.repositories.store import Has


class CooldownRepository(KeyedRepository[CooldownModel]):
    """Cool-downs by project and id."""

    collection = "cooldown"
    model = CooldownModel
    noun = "cool-down"
    order = ("-started_at",)

    def list_by_chip(self, project_id: str, chip_id: str) -> list[CooldownModel]:
        """Return the cool-downs that a chip is or was loaded in, newest first."""
        return self.select({"project_id": project_id, "chip_ids": Has(chip_id)}, order=("-started_at",))
