"""Feature of chips and their targets."""

from __future__ import annotations

from qdash_core.features import Feature, FeaturePage

FEATURE = Feature(
    "chips",
    operations=(
        "qdash_core.resources.chips:operations",
        "qdash_core.resources.chip_days:operations",
        "qdash_core.resources.topology:operations",
        "qdash_core.resources.targets:operations",
        "qdash_core.resources.calibration_notes:operations",
    ),
    commands={
        "chip": "qdash_core.cli.chips:chip",
    },
    pages=(
        FeaturePage(
            "Chip", ":material/memory:", "Chip", "chip", "qdash_ui_streamlit.pages.chip:render", place=10
        ),
        FeaturePage(
            "New chip",
            ":material/add:",
            "Chip",
            "new-chip",
            "qdash_ui_streamlit.pages.new_chip:render",
            hidden=True,
            place=20,
        ),
        FeaturePage(
            "Edit chip",
            ":material/edit:",
            "Chip",
            "edit-chip",
            "qdash_ui_streamlit.pages.edit_chip:render",
            hidden=True,
            place=30,
        ),
        FeaturePage(
            "Qubit",
            ":material/radio_button_unchecked:",
            "Chip",
            "qubit",
            "qdash_ui_streamlit.pages.qubit:render",
            hidden=True,
            place=60,
        ),
        FeaturePage(
            "Coupling",
            ":material/link:",
            "Chip",
            "coupling",
            "qdash_ui_streamlit.pages.coupling:render",
            hidden=True,
            place=70,
        ),
    ),
)
