"""Points of a series: alike accepted values of a metric on a target, and newer flagged ones, in the order of time."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from qdash_core.repositories.chips import WITHOUT_DIRECTION

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import RecordedValues

    _Value: TypeAlias = tuple[ParameterModel, str | None]

LONGEST_SERIES = 60
"""Samples of a series that are analysed, the newest ones."""


class TrendPoint(NamedTuple):
    """An accepted value with the time of its measurement, its error, if known, and its result."""

    at: datetime
    value: float
    error: float | None
    task_id: str


def collect_values(
    measured: Iterable[tuple[RecordedValues, str, bool]],
) -> dict[tuple[str, str], list[_Value]]:
    """Return values with the control qubit, where the direction counts, by target and metric."""
    known: dict[tuple[str, str], list[_Value]] = defaultdict(list)
    for result, name, _ in measured:
        control = None if name in WITHOUT_DIRECTION else result.control
        known[result.qid, name].append((result.output_parameters[name], control))
    return known


class AlikeValues(NamedTuple):
    """Accepted values of one unit and direction, and newer flagged ones, in the order of time."""

    unit: str
    points: Sequence[TrendPoint] = ()
    flagged: Sequence[TrendPoint] = ()


def make_points(
    values: Sequence[_Value], waiting: Sequence[_Value], *, longest: int = LONGEST_SERIES
) -> AlikeValues:
    """Return the newest accepted values that are alike, at most `longest`, and flagged ones that are newer."""
    dated = _sort_dated(values)
    if not dated:
        return AlikeValues("")
    last, newest, direction = dated[-1]
    points, flagged = (
        [
            TrendPoint(at, float(one.value), one.error or None, one.task_id)
            for at, one, control in found
            if one.unit == newest.unit
            and (control is None or direction is None or control == direction)
            and math.isfinite(one.value)
        ][-longest:]
        for found in (dated, [one for one in _sort_dated(waiting) if one[0] > last])
    )
    return AlikeValues(newest.unit, points, flagged)


def _sort_dated(values: Sequence[_Value]) -> list[tuple[datetime, ParameterModel, str | None]]:
    """Return the values with a time, in the order of time."""
    dated = [(at, one, control) for one, control in values if (at := one.calibrated_at) is not None]
    return sorted(dated, key=lambda one: one[0])


def join_turns(points: Sequence[TrendPoint], unit: str, around: Sequence[TrendPoint]) -> Sequence[TrendPoint]:
    """Return angles within half a turn of the middle direction of other ones; other values as they are."""
    if unit != "rad":
        return points
    values = np.array([one.value for one in around])
    middle = math.atan2(float(np.median(np.sin(values))), float(np.median(np.cos(values))))
    return [one._replace(value=middle + math.remainder(one.value - middle, math.tau)) for one in points]
