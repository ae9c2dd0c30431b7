"""Services of chips."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qdash_builtin.chips.feature import CHIPS, TARGETS

_PARTS_OF_VALUE = 3

if TYPE_CHECKING:
    from qdash_builtin.chips.calibration_notes import CalibrationNoteService
    from qdash_builtin.chips.days import ChipDayService
    from qdash_builtin.chips.proposal import ExcludeAction
    from qdash_builtin.chips.service import ChipService
    from qdash_builtin.chips.targets import TargetService
    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash


def open_calibration_notes(qdash: QDash) -> CalibrationNoteService:
    """Open the service for the calibration notes of laboratory libraries."""
    from qdash_builtin.chips.calibration_notes import CalibrationNoteService

    return CalibrationNoteService(qdash.store)


def open_chips(qdash: QDash) -> ChipService:
    """Open the service for chips."""
    from qdash_builtin.chips.service import ChipService
    from qdash_core.artifacts.storage_features import remove_files
    from qdash_core.locks.liveness import is_live

    return ChipService(
        qdash.store,
        qdash.zone,
        is_live=is_live,
        known_to_backend=qdash.get_backend_design,
        require_backend=qdash.require_backend,
        quantities=qdash.registry.quantities,
        load_entities=qdash.registry.entities,
        remove_files=partial(remove_files, qdash.artifacts),
    )


def open_chip_days(qdash: QDash) -> ChipDayService:
    """Open the service for the daily copies of chips."""
    from qdash_builtin.chips.days import ChipDayService

    return ChipDayService(qdash.store, qdash.zone, judge=qdash.judge.judge_past)


def open_targets(qdash: QDash) -> TargetService:
    """Open the service for qubits and couplings of chips."""
    from qdash_builtin.chips.targets import TargetService

    return TargetService(
        qdash.store,
        qdash.zone,
        read_judgement=qdash.judge.read,
        status_rules=lambda: qdash.status_rules,
    )


def make_exclusion_action(qdash: QDash) -> ExcludeAction:
    """Return the action that proposes exclusions of targets."""
    from qdash_builtin.chips.proposal import ExcludeAction

    return ExcludeAction(qdash.get(TARGETS))


def find_cited_chip(qdash: QDash, access: Access, name: str) -> tuple[str, str]:
    """Return the id and a title of a cited chip."""
    chip_id = qdash.get(CHIPS).get_header(access, name).chip_id
    return chip_id, f"chip {chip_id}"


def find_cited_value(qdash: QDash, access: Access, name: str) -> tuple[str, str] | None:
    """Return the id and a title of a cited value, `CHIP/TARGET/PARAMETER`."""
    from qdash_core.models.targets import parse_target_id

    parts = name.split("/")
    if len(parts) != _PARTS_OF_VALUE:
        return None
    chip_id, target, parameter = parts[0], parse_target_id(parts[1]), parts[2]
    state = qdash.get(TARGETS).show(access, chip_id, target).state
    if parameter not in state.data:
        return None
    return f"{chip_id}/{state.qid}/{parameter}", f"{parameter} of {state.qid} of {chip_id}"
