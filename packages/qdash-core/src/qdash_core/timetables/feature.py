"""Feature of timetables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features import Feature, FeaturePage, NameList, Service, make_event_kinds

if TYPE_CHECKING:
    from qdash_core.pruning.pruner import Pruner
    from qdash_core.timetables.clock import TimetableClock
    from qdash_core.timetables.service import TimetableService
    from qdash_core.timetables.simulated_time import SimulatedTimeService

PRUNER: Service[Pruner] = Service("qdash_core.services.timetables:open_pruner")
TIMETABLE_CLOCK: Service[TimetableClock] = Service("qdash_core.services.timetables:open_timetable_clock")
SIMULATED_TIME: Service[SimulatedTimeService] = Service("qdash_core.services.timetables:open_simulated_time")
TIMETABLES: Service[TimetableService] = Service("qdash_core.services.timetables:open_timetables")

_SHOWN = {"subject": "{name}", "address": "timetables?timetable={name}"}

FEATURE = Feature(
    "timetables",
    requires=("runs",),
    services=(
        PRUNER,
        TIMETABLE_CLOCK,
        SIMULATED_TIME,
        TIMETABLES,
    ),
    names={"timetable": NameList("qdash_core.resources.timetables:list_timetables", "name")},
    collections=("qdash_core.timetables.collections:TIMETABLE",),
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
    events=(
        *make_event_kinds(
            "timetable",
            ("created", "changed", "deleted", "started", "sent", "pruned", "saved", "skipped"),
            **_SHOWN,
        ),
        *make_event_kinds("timetable", ("missed", "failed"), **_SHOWN, notified=True),
    ),
    checks=("qdash_core.health.digest_timetables:CHECK",),
)
