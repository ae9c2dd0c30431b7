"""Accepted values of a target as samples of its history."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from qdash_core.models.chip import ParameterModel, StoredValue


class Sample(NamedTuple):
    """An accepted value of a target.

    Attributes
    ----------
    at_s
        Time of its measurement in seconds since 1970.
    error
        Standard deviation; 0 if it is unknown.
    task, task_id
        The task and its result; the task is empty if unknown.
    condition
        Condition of the measurement, such as `read alone`; empty if unknown or none.
    """

    at_s: float
    value: float
    error: float
    task: str = ""
    task_id: str = ""
    condition: str = ""


def make_sample(value: StoredValue, task: str = "") -> Sample | None:
    """Return a stored value as a sample, or None if its time is unknown or it is not finite."""
    at, number = value.get("calibrated_at"), float(value["value"])
    if at is None or not math.isfinite(number):
        return None
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    task_id, condition = value.get("task_id") or "", value.get("condition") or ""
    return Sample(moment.timestamp(), number, value.get("error") or 0.0, task, task_id, condition)


def make_parameter_sample(value: ParameterModel) -> Sample:
    """Return a value as a sample, with the time 0 if its own is unknown."""
    at_s = 0.0 if value.calibrated_at is None else value.calibrated_at.timestamp()
    return Sample(
        at_s, float(value.value), value.error or 0.0, task_id=value.task_id, condition=value.condition or ""
    )
