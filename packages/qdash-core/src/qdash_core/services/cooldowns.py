"""Services of cooldowns."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.application import QDash
    from qdash_core.cooldowns.service import CooldownService
    from qdash_core.entities.service import EntityService
    from qdash_core.models.cryostat import CryostatModel


def open_cryostats(qdash: QDash) -> EntityService[CryostatModel]:
    """Open the service for cryostats."""
    from qdash_core.cooldowns.cryostats import CRYOSTAT

    return qdash.open_entity(CRYOSTAT)


def open_cooldowns(qdash: QDash) -> CooldownService:
    """Open the service for cool-downs and the chips in them."""
    from qdash_core.cooldowns.service import CooldownService

    return CooldownService(qdash.store)
