"""Feature of the home: set-up, checks, plugins, settings, store and backups."""

from __future__ import annotations

from qdash_core.features import Feature

FEATURE = Feature(
    "home",
    operations=(
        "qdash_core.resources.backups:operations",
        "qdash_core.resources.backends:operations",
        "qdash_core.resources.plugins:operations",
        "qdash_core.resources.settings:operations",
    ),
    commands={
        "init": "qdash_core.cli.home:init",
        "doctor": "qdash_core.cli.home:doctor",
        "docs": "qdash_core.cli.docs:docs",
        "plugins": "qdash_core.cli.plugins:plugins",
        "store": "qdash_core.cli.store:store",
    },
)
