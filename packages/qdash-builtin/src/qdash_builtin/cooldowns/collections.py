"""Collections of cryostats and cool-downs."""

from __future__ import annotations

from qdash_core.repositories.collection import Collection

CRYOSTAT = Collection(
    "cryostat",
    ("project_id", "cryo_id"),
    contents="cryostats",
    model="qdash_builtin.cooldowns.model:CryostatModel",
)
COOLDOWN = Collection(
    "cooldown",
    ("project_id", "cooldown_id"),
    indexes=(("project_id", "cryo_id", "-started_at"), ("project_id", "-started_at")),
    lists=("chip_ids",),
    list_indexes=(("project_id", "chip_ids", "-started_at"),),
    contents="cool-downs",
    model="qdash_core.models.cooldown:CooldownModel",
)
