"""Inputs and values of many results."""

from collections.abc import Iterable
from typing import Required

from typing_extensions import TypedDict

from qdash_core.models.base import ShownMoment, UtcDatetime
from qdash_core.repositories.results import TaskResultHistoryRepository


class StoredInput(TypedDict, total=False):
    """Compact projection of a stored input or output parameter. An output has neither target nor parameter."""

    value: Required[float | int]
    error: float | None
    unit: str
    task_id: str
    target: str | None
    parameter: str | None
    given: float | int | None
    from_laboratory: bool | None
    calibrated_at: ShownMoment | None


class MeasuredInputs(TypedDict):
    """Compact projection of a finished result to its inputs and its values, for thousands of them."""

    task_id: str
    chip_id: str
    qid: str
    start_at: UtcDatetime | None
    input_parameters: dict[str, StoredInput]
    output_parameters: dict[str, StoredInput]


def list_measured_inputs(
    results: TaskResultHistoryRepository, project_id: str, task_ids: Iterable[str]
) -> list[MeasuredInputs]:
    """Return the inputs and values of the existing results among these ids."""
    return results.select_by_ids(
        MeasuredInputs, project_id, task_ids, without=results.list_unread_fields(MeasuredInputs)
    )
