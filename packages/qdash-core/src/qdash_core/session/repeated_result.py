"""Result that a run measures again with its recorded inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.chips.chip import get_control_qubit
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.exchange.import_record import NAME as IMPORT
from qdash_core.values.manual_values import MANUAL_TASK

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime import Runtime


def read_repeated_result(runtime: Runtime, project_id: str, task_id: str) -> TaskResultModel:
    """Return the result that a run measures again; raise NotFoundError if there is none."""
    found = runtime.repositories.results.find(project_id, task_id)
    if found is None:
        raise NotFoundError(
            f"there is no result {task_id!r} in project {project_id}: `qdash task results` lists them"
        )
    return found


def require_repeatable(result: TaskResultModel, chip: Chip) -> None:
    """Refuse a rerun of a result that is no measurement of this chip as it is now connected.

    Parameters
    ----------
    chip : Chip
        The chip as the run sees it.

    Raises
    ------
    InvalidInputError
        If the result is a manual or imported value or a refit, has not ended, was never measured, is one of another chip, or one of a
        coupling whose control qubit has changed since.
    NotFoundError
        If the chip no longer has the coupling.
    """
    named = f"result {result.task_id} ({result.name} on {result.qid or 'the chip'})"
    if result.name in (MANUAL_TASK, IMPORT):
        raise InvalidInputError(
            f"{named} was not measured: it is a value that was {'imported' if result.name == IMPORT else 'set by hand'}; rerun a measurement"
        )
    if result.refit_of is not None:
        raise InvalidInputError(
            f"{named} is a refit: rerun its measurement, `qdash task rerun {result.refit_of}`"
        )
    if not result.status.terminal:
        raise InvalidInputError(f"{named} is {result.status}: rerun it after its end")
    if result.start_at is None:
        raise InvalidInputError(
            f"{named} is {result.status} and was never measured, so that it has no inputs: measure it with `qdash task run {result.name}`"
        )
    if result.chip_id != chip.header.chip_id:
        raise InvalidInputError(f"{named} is one of chip {result.chip_id}, not of {chip.header.chip_id}")
    if result.start_at < chip.header.installed_at:
        raise InvalidInputError(
            f"{named} is one of an earlier chip with the id {result.chip_id}, which was deleted: measure the present one with "
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
            f"{named} does not say which qubit controlled, so that its inputs cannot be given again: measure it with "
            f"`qdash task run {result.name}`"
        )
    if result.control != control:
        raise InvalidInputError(
            f"{named} was measured with control qubit {result.control}, which is now {control}: choose the former direction first, for "
            "example in a flow with SetCRSchedule"
        )
