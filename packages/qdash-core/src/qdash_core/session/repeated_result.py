"""Result that a run measures again: its record, and the reasons to refuse it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.targets import get_control_qubit
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.values.manual_values import IMPORT, MANUAL_TASK

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.runtime import Runtime


def read_repeated_result(runtime: Runtime, project_id: str, task_id: str) -> TaskResultModel:
    """Return the result that a run measures again; raise NotFoundError if there is none."""
    found = runtime.repositories.of(TaskResultHistoryRepository).find(project_id, task_id)
    if found is None:
        raise NotFoundError(
            f"there is no result {task_id!r} in project {project_id}: `qdash task results` lists them"
        )
    return found


def require_repeatable(result: TaskResultModel, chip: Chip) -> None:
    """Refuse a result that is not a measurement of this chip, or not in the present direction of its coupling.

    `chip` is the chip as the run sees it.

    Raises
    ------
    InvalidInputError
        If the result was set by hand or imported, is a refit, has not ended, was never measured, has lost its inputs because of its age,
        or belongs to another chip; or if the control qubit of its coupling has changed since.
    NotFoundError
        If the chip no longer has the coupling.
    """
    named = f"result {result.task_id} ({result.name} on {result.qid or 'the chip'})"
    if result.name in (MANUAL_TASK, IMPORT):
        raise InvalidInputError(
            f"{named} was not measured but {'imported' if result.name == IMPORT else 'set by hand'}: name the result of a measurement"
        )
    if result.refit_of is not None:
        raise InvalidInputError(
            f"{named} is a refit: rerun its measurement, `qdash task rerun {result.refit_of}`"
        )
    if result.details_pruned_at is not None:
        raise InvalidInputError(
            f"the inputs of {named} were removed on {result.details_pruned_at:%Y-%m-%d} because of their age: measure it with "
            f"`qdash task run {result.name}`"
        )
    if not result.status.terminal:
        raise InvalidInputError(f"{named} is {result.status}: rerun it when it has ended")
    if result.start_at is None:
        raise InvalidInputError(
            f"{named} is {result.status} and was never measured, so it has no inputs: measure it with `qdash task run {result.name}`"
        )
    if result.chip_id != chip.header.chip_id:
        raise InvalidInputError(
            f"{named} belongs to chip {result.chip_id}, not to {chip.header.chip_id}: rerun it on its chip"
        )
    if result.start_at < chip.header.installed_at:
        raise InvalidInputError(
            f"{named} belongs to an earlier chip with the id {result.chip_id}, which was deleted: measure the present chip with "
            f"`qdash task run {result.name}`"
        )
    if result.task_type == "coupling":
        _require_same_direction(result, chip, named)


def _require_same_direction(result: TaskResultModel, chip: Chip, named: str) -> None:
    coupling = chip.couplings.get(result.qid)
    if coupling is None:
        raise NotFoundError(f"chip {result.chip_id} has no coupling {result.qid!r}: {named} cannot be rerun")
    control = get_control_qubit(coupling)
    if result.control is None:
        raise InvalidInputError(
            f"{named} does not name its control qubit, so its inputs cannot be used again: measure the coupling with "
            f"`qdash task run {result.name}`"
        )
    if result.control != control:
        raise InvalidInputError(
            f"{named} was measured with control qubit {result.control}, but the control qubit is now {control}: restore that direction first, for "
            "example in a flow with SetCRSchedule"
        )
