"""Feature of plugins: their list, templates for new ones, and checks."""

from __future__ import annotations

from qdash_core.features.declarations import Feature, FeaturePage

FEATURE = Feature(
    "plugins",
    operations=("qdash_builtin.plugins.operations:operations",),
    commands={"plugins": "qdash_builtin.plugins.commands:plugins"},
    pages=(
        FeaturePage(
            "Plugins and health",
            ":material/extension:",
            "Settings",
            "plugins",
            "qdash_builtin.plugins.pages.plugins:render",
            place=70,
        ),
    ),
)
