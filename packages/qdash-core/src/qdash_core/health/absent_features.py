"""Check of the records whose features are not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.health.findings import HealthFinding

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store


def check_features(store: Store) -> HealthFinding:
    """Report the records of features that are not installed: they stay in the store and in backups."""
    kept: dict[str, list[str]] = {}
    with store.read() as snapshot:
        for collection, feature in snapshot.collections.absent:
            if number := snapshot.count(collection.name, {}):
                kept.setdefault(feature, []).append(collection.count_in_words(number))
    if not kept:
        return HealthFinding("features", "ok", "every feature with records is installed")
    detail = "; ".join(
        f"{feature!r} is not installed, its records are kept: {', '.join(words)}"
        for feature, words in kept.items()
    )
    return HealthFinding(
        "features",
        "warning",
        f"the feature {detail}",
        "install its plugin again to see them; backups hold them, too",
    )
