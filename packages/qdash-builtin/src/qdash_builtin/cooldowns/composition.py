"""Services of cooldowns."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING

from qdash_builtin.cooldowns.feature import COOLDOWNS
from qdash_builtin.text_pages.sections import Line, Section

if TYPE_CHECKING:
    from qdash_builtin.cooldowns.model import CryostatModel
    from qdash_builtin.cooldowns.service import CooldownService
    from qdash_builtin.entities.service import EntityService
    from qdash_core.models.access import Access
    from qdash_core.models.facts import FactSubject
    from qdash_core.runtime.application import QDash


def open_cryostats(qdash: QDash) -> EntityService[CryostatModel]:
    """Open the service for cryostats."""
    from qdash_builtin.cooldowns.cryostats import CRYOSTAT
    from qdash_builtin.entities.composition import open_entity

    return open_entity(qdash, CRYOSTAT)


def open_cooldowns(qdash: QDash) -> CooldownService:
    """Open the service for cool-downs and the chips in them."""
    from qdash_builtin.cooldowns.service import CooldownService

    places = [place for _, place in qdash.registry.list_named("base_changes")]
    return CooldownService(qdash.store, base_changes=[*map(resolve_name, places)])


def list_digest_lines(qdash: QDash, access: Access, period: FactSubject) -> Section:
    """Return the cool-downs of a chip that began and ended in the period of a digest."""
    lines = []
    for one in qdash.get(COOLDOWNS).list_by_chip(access, period.chip_id):
        of = f"cool-down {one.cooldown_id} in {one.cryo_id}"
        for verb, moment in (("began", one.started_at), ("ended", one.ended_at)):
            if moment is not None and period.includes(moment):
                lines.append(Line(f"{of} {verb} {moment.astimezone(qdash.zone):%m-%d %H:%M}"))
    return Section("Cool-downs", lines)
