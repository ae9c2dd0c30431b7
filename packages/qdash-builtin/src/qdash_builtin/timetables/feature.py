"""Feature of timetables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, FeaturePage, NameList, Service, make_event_kinds

if TYPE_CHECKING:
    from qdash_builtin.timetables.clock import TimetableClock
    from qdash_builtin.timetables.service import TimetableService
    from qdash_builtin.timetables.simulated_time import SimulatedTimeService

TIMETABLE_CLOCK: Service[TimetableClock] = Service(
    "qdash_builtin.timetables.composition:open_timetable_clock"
)
SIMULATED_TIME: Service[SimulatedTimeService] = Service(
    "qdash_builtin.timetables.composition:open_simulated_time"
)
TIMETABLES: Service[TimetableService] = Service("qdash_builtin.timetables.composition:open_timetables")

_SHOWN = {"subject": "{name}", "address": "timetables?timetable={name}"}

FEATURE = Feature(
    "timetables",
    requires=("runs",),
    services=(
        TIMETABLE_CLOCK,
        SIMULATED_TIME,
        TIMETABLES,
    ),
    names={"timetable": NameList("qdash_builtin.timetables.operations:list_timetables", "name")},
    collections=("qdash_builtin.timetables.collections:TIMETABLE",),
    operations=("qdash_builtin.timetables.operations:operations",),
    commands={
        "timetable": "qdash_builtin.timetables.commands.timetables:timetable",
    },
    pages=(
        FeaturePage(
            "Timetables",
            ":material/schedule:",
            "Flows",
            "timetables",
            "qdash_builtin.timetables.pages.timetables:render",
            place=20,
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
    base_changes=("qdash_builtin.timetables.after_cooldowns:follow_cooldown",),
    schedules=("qdash_builtin.timetables.run_schedules:SCHEDULES",),
    background_work=("qdash_builtin.timetables.composition:open_timetable_clock",),
    restorations=("qdash_builtin.timetables.backups:record_restored_backup",),
    checks=("qdash_builtin.timetables.digest_check:CHECK",),
    gauges=("qdash_builtin.timetables.states:read_gauges",),
)
