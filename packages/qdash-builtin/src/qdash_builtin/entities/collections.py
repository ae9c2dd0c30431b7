"""Collection of the records of all plugins."""

from __future__ import annotations

from qdash_core.repositories.collection import Collection

PLUGIN_RECORD = Collection(
    "plugin_record",
    ("project_id", "entity", "record_id"),
    indexes=(
        ("project_id", "entity", "-created_at"),
        ("project_id", "entity", "chip_id", "-created_at"),
        ("project_id", "entity", "target", "-created_at"),
        ("project_id", "entity", "task_id", "-created_at"),
        ("project_id", "chip_id", "with_chip"),
    ),
    noun="record of plugins",
    plural="records of plugins",
    entity_field="entity",
    with_chip="own",
    contents="records of plugins",
    attached=True,
    references="use",
    model="qdash_builtin.entities.model:AnyPluginRecord",
)
