"""Feature of chips and their targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import (
    Feature,
    FeaturePage,
    NameList,
    RecordKind,
    Service,
    make_event_kinds,
)

if TYPE_CHECKING:
    from qdash_builtin.chips.calibration_notes import CalibrationNoteService
    from qdash_builtin.chips.days import ChipDayService
    from qdash_builtin.chips.service import ChipService
    from qdash_builtin.chips.targets import TargetService

CALIBRATION_NOTES: Service[CalibrationNoteService] = Service(
    "qdash_builtin.chips.composition:open_calibration_notes"
)
CHIPS: Service[ChipService] = Service("qdash_builtin.chips.composition:open_chips")
CHIP_DAYS: Service[ChipDayService] = Service("qdash_builtin.chips.composition:open_chip_days")
TARGETS: Service[TargetService] = Service("qdash_builtin.chips.composition:open_targets")

FEATURE = Feature(
    "chips",
    services=(
        CALIBRATION_NOTES,
        CHIPS,
        CHIP_DAYS,
        TARGETS,
    ),
    proposals=("qdash_builtin.chips.composition:make_exclusion_action",),
    names={
        "chip": NameList(
            "qdash_builtin.chips.operations.chips:list_chips",
            "chip_id",
            "topology_id",
            parameters=(
                "chip_id",
                "chip_ids",
            ),
        ),
        "topology": NameList(
            "qdash_builtin.chips.operations.topology:list_topologies",
            "name",
            parameters=(
                "layout",
                "topology_id",
            ),
        ),
    },
    searches=(
        "qdash_builtin.chips.search:find_targets",
        "qdash_builtin.chips.search:find_chips",
    ),
    operations=(
        "qdash_builtin.chips.operations.chips:operations",
        "qdash_builtin.chips.operations.chip_days:operations",
        "qdash_builtin.chips.operations.topology:operations",
        "qdash_builtin.chips.operations.targets:operations",
        "qdash_builtin.chips.operations.calibration_notes:operations",
        "qdash_builtin.chips.operations.schedules:operations",
    ),
    commands={
        "chip": "qdash_builtin.chips.commands.chips:chip",
        "schedule": "qdash_builtin.chips.commands.schedule:schedule",
    },
    pages=(
        FeaturePage(
            "Chip", ":material/memory:", "Chip", "chip", "qdash_builtin.chips.pages.chip:render", place=10
        ),
        FeaturePage(
            "New chip",
            ":material/add:",
            "Chip",
            "new-chip",
            "qdash_builtin.chips.pages.new_chip:render",
            hidden=True,
            place=20,
        ),
        FeaturePage(
            "Edit chip",
            ":material/edit:",
            "Chip",
            "edit-chip",
            "qdash_builtin.chips.pages.edit_chip:render",
            hidden=True,
            place=30,
        ),
        FeaturePage(
            "Qubit",
            ":material/radio_button_unchecked:",
            "Chip",
            "qubit",
            "qdash_builtin.chips.pages.qubit:render",
            hidden=True,
            place=60,
            has_figures=True,
        ),
        FeaturePage(
            "Coupling",
            ":material/link:",
            "Chip",
            "coupling",
            "qdash_builtin.chips.pages.coupling:render",
            hidden=True,
            place=70,
            has_figures=True,
        ),
        FeaturePage(
            "Schedule",
            ":material/view_timeline:",
            "Chip",
            "schedule",
            "qdash_builtin.chips.pages.schedule:render",
            place=90,
        ),
    ),
    events=make_event_kinds("chip", ("created", "changed", "deleted")),
    records=(
        RecordKind(
            "value",
            "qdash_builtin.chips.composition:find_cited_value",
            address="{target}?chip={0}&{target}={1}",
            route="chips/{0}/{target}s/{1}",
        ),
        RecordKind(
            "chip",
            "qdash_builtin.chips.composition:find_cited_chip",
            address="chip?chip={id}",
            route="chips/{id}",
        ),
    ),
    checks=(
        "qdash_builtin.chips.chip_files:CHECK",
        "qdash_builtin.chips.instrument_sharing:CHECK",
    ),
)
