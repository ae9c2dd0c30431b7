"""What a run, or a person, leaves behind on a chip: status of targets, directions of couplings, design, the copy of the day.

Each is written in a transaction that the caller holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.chips.events import log_chip
from qdash_core.errors import InvalidInputError
from qdash_core.models.chip import ChipHistoryModel, TargetStatus
from qdash_core.models.targets import qubits_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import ChipModel, DesignValues
    from qdash_core.repositories.repositories import Repositories


def keep_status(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    target_id: str,
    status: TargetStatus,
    *,
    today: str,
) -> None:
    """Set the status of a qubit or coupling and of its copy of today, unless a person has set it aside."""
    header = repositories.chips.find(project_id, chip_id)
    if header is None:
        return
    where = project_id, chip_id, target_id
    if "-" in target_id:
        changed = repositories.couplings.update_status(*where, status)
        coupling = repositories.couplings.find(*where)
        if coupling is not None:
            repositories.couplings.record_day(coupling, today, header.current_cooldown_id)
    else:
        changed = repositories.qubits.update_status(*where, status)
        qubit = repositories.qubits.find(*where)
        if qubit is not None:
            repositories.qubits.record_day(qubit, today, header.current_cooldown_id)
    if changed:
        log_chip(repositories, project_id, chip_id, "status", targets=[target_id])


def keep_directions(
    repositories: Repositories, project_id: str, chip_id: str, controls: Mapping[str, str], *, today: str
) -> None:
    """Say which qubit controls each of these couplings, and keep that in the copies of today.

    Raises
    ------
    NotFoundError, InvalidInputError
        If there is no such chip or coupling, or the qubit is not one of its two.
    """
    header = repositories.chips.require(project_id, chip_id)
    for coupling, control in controls.items():
        if control not in qubits_of(coupling):
            raise InvalidInputError(f"qubit {control} cannot control {coupling}: it is not part of it")
        repositories.couplings.set_control(
            project_id,
            chip_id,
            coupling,
            control,
            recorded_date=today,
            cooldown_id=header.current_cooldown_id,
        )
    if controls:
        log_chip(repositories, project_id, chip_id, "direction", targets=[*controls])


def keep_design(
    repositories: Repositories, header: ChipModel, design: Mapping[str, DesignValues], *, today: str
) -> None:
    """Put design values, which are checked, over those that are kept with a chip, and in the copies of today."""
    for target, values in design.items():
        kept = repositories.couplings if "-" in target else repositories.qubits
        kept.set_design(
            header.project_id,
            header.chip_id,
            target,
            values,
            recorded_date=today,
            cooldown_id=header.current_cooldown_id,
        )


def keep_day(repositories: Repositories, chip: Chip, *, today: str) -> None:
    """Keep the header of a chip as the copy of today."""
    header = chip.header
    targets = (*chip.qubits.values(), *chip.couplings.values())
    repositories.chip_history.put(
        ChipHistoryModel(
            project_id=header.project_id,
            username=header.username,
            chip_id=header.chip_id,
            size=header.size,
            n_couplings=len(chip.couplings),
            n_calibrated=sum(target.status is TargetStatus.CALIBRATED for target in targets),
            installed_at=header.installed_at,
            recorded_date=today,
        )
    )
