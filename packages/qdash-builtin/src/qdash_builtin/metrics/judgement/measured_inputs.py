"""Inputs of many results."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from sys import intern
from typing import NamedTuple, Required

from typing_extensions import TypedDict

from qdash_core.models.base import ShownMoment, UtcDatetime
from qdash_core.repositories.results import TaskResultHistoryRepository


class UsedInput(NamedTuple):
    """Value of the chip with which a result was measured, or the result's own value of it, which it has determined anew.

    Attributes
    ----------
    is_given
        Whether the laboratory gave the value, rounded.
    used_at
        Time of its measurement, or None if it is unknown.
    """

    target: str
    parameter: str
    task_id: str
    value: float | int
    error: float | None
    unit: str
    is_given: bool
    used_at: str | datetime | None


class MeasuredInputs(NamedTuple):
    """Inputs of a finished result, for thousands of them.

    Attributes
    ----------
    started_at
        Start of the result; the beginning of time if it is unknown.
    measured_at
        Time of the last of its values, or its start.
    """

    task_id: str
    chip_id: str
    started_at: datetime
    measured_at: datetime
    inputs: tuple[UsedInput, ...]


class _StoredInput(TypedDict, total=False):
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


class _StoredResult(TypedDict):
    task_id: str
    chip_id: str
    qid: str
    start_at: UtcDatetime | None
    input_parameters: dict[str, _StoredInput]
    output_parameters: dict[str, _StoredInput]


_NEVER = datetime.min.replace(tzinfo=UTC)


def list_measured_inputs(
    results: TaskResultHistoryRepository, project_id: str, task_ids: Iterable[str]
) -> list[MeasuredInputs]:
    """Return the inputs of the existing results among these ids."""
    found = results.select_by_ids(
        _StoredResult, project_id, task_ids, without=results.list_unread_fields(_StoredResult)
    )
    return [*map(_make_inputs, found)]


def _make_inputs(result: _StoredResult) -> MeasuredInputs:
    started_at = result["start_at"] or _NEVER
    times = (get_time(one.get("calibrated_at")) for one in result["output_parameters"].values())
    measured_at = max(filter(None, times), default=started_at)
    chip_id = intern(result["chip_id"])
    return MeasuredInputs(result["task_id"], chip_id, started_at, measured_at, tuple(_iter_inputs(result)))


def _iter_inputs(result: _StoredResult) -> Iterator[UsedInput]:
    for stored in result["input_parameters"].values():
        target, parameter = stored.get("target"), stored.get("parameter")
        if target is None or parameter is None or not stored.get("task_id") or stored.get("from_laboratory"):
            continue
        own = result["output_parameters"].get(parameter) if target == result["qid"] else None
        used = stored if own is None else own
        given = used.get("given")
        yield UsedInput(
            intern(target),
            intern(parameter),
            intern(used.get("task_id", "")),
            used["value"] if given is None else given,
            used.get("error"),
            intern(used.get("unit", "")),
            given is not None,
            used.get("calibrated_at"),
        )


def get_time(stored: str | datetime | None) -> datetime | None:
    """Return the time of a stored value, which bulk reading leaves as text."""
    return datetime.fromisoformat(stored) if isinstance(stored, str) else stored
