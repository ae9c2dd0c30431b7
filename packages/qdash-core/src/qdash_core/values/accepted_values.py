"""Accepted values of one target, taken from its results in the order of their measurements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.repositories.chips import WITHOUT_DIRECTION

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import RecordedValues, TaskResultModel


def collect_accepted(
    results: Iterable[TaskResultModel | RecordedValues], *, control: str | None = None
) -> dict[str, ParameterModel]:
    """Return the last accepted value of each parameter; omit values of a coupling that hold only for the other control qubit."""
    values: dict[str, ParameterModel] = {}
    for result in tuple(results):
        values |= {
            name: value
            for name, value in result.output_parameters.items()
            if result.accepts(name) and fits_direction(result.control, control, name)
        }
    return values


def fits_direction(measured: str | None, control: str | None, name: str) -> bool:
    """Return whether a value measured with the control qubit `measured` (None if unknown) is valid for the control qubit `control`."""
    return measured in (None, control) or name in WITHOUT_DIRECTION


def get_measured_time(result: TaskResultModel | RecordedValues, name: str | None = None) -> datetime | None:
    """Return the time of measurement of a value of a result, or the latest time of all its values; None if unknown.

    A refit has the time of its original.
    """
    named = result.output_parameters.values() if name is None else [result.output_parameters[name]]
    return max((one.calibrated_at for one in named if one.calibrated_at), default=result.start_at)


def is_same(one: ParameterModel | None, other: ParameterModel | None) -> bool:
    """Return whether two values are equal, ten times as fast as `==`: a reversion compares every value of a chip."""
    if one is other or one is None or other is None:
        return one is other
    return one.__dict__ == other.__dict__


def is_later(
    known: ParameterModel | None, than: ParameterModel | None, *, until: datetime | None = None
) -> bool:
    """Return whether a value was measured after another one, and not after `until` if given; False if one or its time is unknown."""
    if known is None or than is None or known.calibrated_at is None or than.calibrated_at is None:
        return False
    if until is not None and known.calibrated_at > until:
        return False
    return known.calibrated_at > than.calibrated_at


def sort_by_measurement(results: Iterable[RecordedValues]) -> list[RecordedValues]:
    """Return the results that have started, in the order of their measurements; a refit follows its original."""
    started = [
        (measured, one.start_at, one)
        for one in results
        if one.start_at and (measured := get_measured_time(one))
    ]
    return [one for *_, one in sorted(started, key=lambda found: found[:2])]
