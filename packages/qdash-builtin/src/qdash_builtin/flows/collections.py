"""Collections of saved flows."""

from __future__ import annotations

from qdash_core.repositories.collection import Collection

FLOW = Collection(
    "flows",
    ("project_id", "name"),
    indexes=(("project_id", "-created_at"),),
    contents="flows",
    tags="tags",
    model="qdash_builtin.flows.model:FlowModel",
)
FLOW_VERSION = Collection(
    "flow_version",
    ("project_id", "name", "version"),
    model="qdash_builtin.flows.model:FlowVersionModel",
)
