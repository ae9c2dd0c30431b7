"""Feature of cryostats and cool-downs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, FeaturePage, NameList, Service, make_event_kinds

if TYPE_CHECKING:
    from qdash_builtin.cooldowns.model import CryostatModel
    from qdash_builtin.cooldowns.service import CooldownService
    from qdash_builtin.entities.service import EntityService

CRYOSTATS: Service[EntityService[CryostatModel]] = Service(
    "qdash_builtin.cooldowns.composition:open_cryostats"
)
COOLDOWNS: Service[CooldownService] = Service("qdash_builtin.cooldowns.composition:open_cooldowns")

FEATURE = Feature(
    "cooldowns",
    services=(
        CRYOSTATS,
        COOLDOWNS,
    ),
    names={
        "cooldown": NameList(
            "qdash_builtin.cooldowns.operations.cooldowns:list_cooldowns",
            "cooldown_id",
            "description",
            parameters=(
                "cooldown_id",
                "other_cooldown",
            ),
        ),
        "cryostat": NameList(
            "qdash_builtin.cooldowns.operations.cryostats:list_cryostats",
            "cryo_id",
            "name",
            parameters=("cryo_id",),
        ),
    },
    collections=(
        "qdash_builtin.cooldowns.collections:CRYOSTAT",
        "qdash_builtin.cooldowns.collections:COOLDOWN",
    ),
    searches=("qdash_builtin.cooldowns.search:find_cooldowns",),
    operations=(
        "qdash_builtin.cooldowns.operations.cryostats:operations",
        "qdash_builtin.cooldowns.operations.cooldowns:operations",
    ),
    commands={
        "cryostat": "qdash_builtin.cooldowns.commands.cryostats:cryostat",
        "cooldown": "qdash_builtin.cooldowns.commands.cooldowns:cooldown",
    },
    pages=(
        FeaturePage(
            "Cryostats",
            ":material/ac_unit:",
            "Cryostats",
            "cryostats",
            "qdash_builtin.cooldowns.pages.cryostats:render",
            place=10,
        ),
        FeaturePage(
            "Cool-down",
            ":material/ac_unit:",
            "Cryostats",
            "cooldown",
            "qdash_builtin.cooldowns.pages.cooldown:render",
            hidden=True,
            place=20,
        ),
    ),
    digest_lines=("qdash_builtin.cooldowns.composition:list_digest_lines",),
    events=make_event_kinds(
        "cooldown",
        ("created", "changed", "deleted"),
        subject="cool-down {cooldown_id}",
        address="cooldown?cooldown={cooldown_id}",
    ),
)
