"""Feature of timetables."""

from __future__ import annotations

from qdash_core.features import Feature, FeaturePage

FEATURE = Feature(
    "timetables",
    requires=("runs",),
    operations=("qdash_core.resources.timetables:operations",),
    commands={
        "timetable": "qdash_core.cli.timetables:timetable",
    },
    pages=(
        FeaturePage(
            "Timetables",
            ":material/schedule:",
            "Now",
            "timetables",
            "qdash_ui_streamlit.pages.timetables:render",
            place=70,
        ),
    ),
)
