"""Check of the records whose features are not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.models.health_findings import HealthFinding
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from collections.abc import Container

    from qdash_core.repositories.store import Snapshot, Store


def check_features(store: Store, entities: Container[str]) -> HealthFinding:
    """Report the records of features, and of entities but these, that are not installed: they stay in the store and in backups."""
    kept: dict[str, list[str]] = {}
    with store.read() as snapshot:
        for collection, feature in snapshot.collections.absent:
            if number := snapshot.count(collection.name, {}):
                kept.setdefault(f"the feature {feature!r}", []).append(collection.count_in_words(number))
        for entity, number in _count_absent_entities(snapshot, entities).items():
            records = f"{number} record{'' if number == 1 else 's'}"
            kept[f"the plugin of the entity {entity!r}"] = [records]
    if not kept:
        return HealthFinding("features", "ok", "every feature with records is installed")
    return HealthFinding(
        "features",
        "warning",
        "; ".join(
            f"{feature} is not installed, its records are kept: {', '.join(words)}"
            for feature, words in kept.items()
        ),
        "install its plugin again to see them; backups hold them, too",
    )


def _count_absent_entities(snapshot: Snapshot, installed: Container[str]) -> dict[str, int]:
    """Return the numbers of records of the entities that are not installed."""
    counts: dict[str, int] = {}
    for name, one in snapshot.collections.items():
        field, where = one.entity_field, dict[str, Any]()
        while field and (found := snapshot.find(name, where, order=(field,), limit=1)):
            entity = found[0][field]
            if entity not in installed:
                counts[entity] = snapshot.count(name, {field: entity})
            where = {field: Range(above=entity)}
    return counts
