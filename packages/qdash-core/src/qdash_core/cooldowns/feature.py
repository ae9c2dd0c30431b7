"""Feature of cryostats and cool-downs."""

from __future__ import annotations

from qdash_core.features import Feature, FeaturePage

FEATURE = Feature(
    "cooldowns",
    operations=(
        "qdash_core.resources.cryostats:operations",
        "qdash_core.resources.cooldowns:operations",
    ),
    commands={
        "cryostat": "qdash_core.cli.cryostats:cryostat",
        "cooldown": "qdash_core.cli.cooldowns:cooldown",
    },
    pages=(
        FeaturePage(
            "Cryostats",
            ":material/ac_unit:",
            "Laboratory",
            "cryostats",
            "qdash_ui_streamlit.pages.cryostats:render",
            place=40,
        ),
        FeaturePage(
            "Cool-down",
            ":material/ac_unit:",
            "Laboratory",
            "cooldown",
            "qdash_ui_streamlit.pages.cooldown:render",
            hidden=True,
            place=50,
        ),
    ),
)
