"""Repository of cryostats, and queries of cool-downs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.cooldowns.model import CryostatModel
from qdash_core.models.cooldown import CooldownModel
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.keyed_repository import KeyedRepository
from qdash_core.repositories.store import Has

if TYPE_CHECKING:
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.repositories import Repositories


class CryostatRepository(KeyedRepository[CryostatModel]):
    """Cryostats by project and id."""

    collection = "cryostat"
    model = CryostatModel
    noun = "cryostat"


def list_by_cryostat(repositories: Repositories, project_id: str, cryo_id: str) -> list[CooldownModel]:
    """Return the cool-downs of a cryostat, newest first."""
    where = {"project_id": project_id, "cryo_id": cryo_id}
    return repositories.of(CooldownRepository).select(where, order=("-started_at",))


def get_cooldowns_page(
    repositories: Repositories,
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
    cooldowns = repositories.of(CooldownRepository)
    return cooldowns.select_page(CooldownModel, where, request, order=("-started_at",))
