"""Confirmation of a changed value: three consecutive results agree, from at least two executions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qdash_core.models.task import TaskStatus, Verdict, is_accepted
from qdash_core.values.accepted_values import is_later
from qdash_core.values.measuring_conditions import READ_ALONE, are_other_conditions
from qdash_core.values.plausible_changes import find_plausible_change

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.task import PastResult, TaskResultModel
    from qdash_core.validation.verdicts import Candidate
    from qdash_core.values.plausible_changes import PlausibleChange

JUMP = "jump"
"""Name of the validator that compares a result with the last accepted value."""
_N_CONFIRMING = 2
"""Number of earlier results that confirm a changed value."""


def is_flagged_as_jump(result: TaskResultModel | PastResult) -> bool:
    """Return whether a result was flagged only because it is far from the last accepted value."""
    flagged = result.status is TaskStatus.COMPLETED and result.verdict is Verdict.FLAGGED
    return flagged and [*result.flagged_by] == [JUMP]


def is_jump(candidate: Candidate, name: str, found: Parameter | ParameterModel) -> bool:
    """Return whether an estimate of a parameter is a jump from the last accepted value of a candidate's target.

    It is not if nothing declares a plausible change, or if there is no such value or its time is unknown.
    """
    change, last = _find_change(candidate, name), find_reference(candidate, name)
    if change is None or last is None or last.calibrated_at is None:
        return False
    return change.is_exceeded(found.value, last.value, error=math.hypot(found.error or 0, last.error or 0))


def find_reference(candidate: Candidate, name: str) -> ParameterModel | None:
    """Return the last accepted value with which an estimate of a candidate is compared, or None.

    It is the value in use, or the last accepted one under the same conditions if the value in use was measured under others. If there is none, a
    figure of merit that was read alone is compared with the value in use: reading others at the same time only lowers it, so a loss is real.
    """
    last, condition = candidate.previous.get(name), candidate.conditions.get(name, "")
    if last is None or not are_other_conditions(last.condition, condition):
        return last
    for result in candidate.history:
        value = result.output_parameters.get(name)
        if value is not None and value.condition == condition and is_accepted(result, name):
            return value
    change = _find_change(candidate, name)
    is_lowered = change is not None and change.ideal is not None and condition.startswith(READ_ALONE)
    return last if is_lowered else None


def _find_change(candidate: Candidate, name: str) -> PlausibleChange | None:
    """Return the plausible change that the task declares, else that of the quantity, else None."""
    own, quantity = candidate.task.output_parameters.get(name), candidate.quantities.get(name)
    if own is None:
        return None
    return find_plausible_change([own, quantity], (quantity or own).unit)


def find_confirming_results(candidate: Candidate, jumped: Mapping[str, Parameter]) -> Sequence[PastResult]:
    """Return the last two results if they confirm the changed values of the candidate, otherwise nothing.

    `candidate` is the third result; `jumped` has its estimates that are jumps from the last accepted values.
    """
    if any(found.error is None for found in jumped.values()):
        return ()
    last = candidate.history[:_N_CONFIRMING]
    if len(last) < _N_CONFIRMING or len({candidate.execution_id, *(one.execution_id for one in last)}) == 1:
        return ()
    if not all(_may_confirm(candidate, result, jumped) for result in last):
        return ()
    agree = all(
        _agree(_find_change(candidate, name), [found, *(one.output_parameters[name] for one in last)])
        for name, found in jumped.items()
    )
    return last if agree else ()


def _may_confirm(candidate: Candidate, result: PastResult, names: Collection[str]) -> bool:
    """Return whether a result is evidence against the last accepted value of each of these parameters, measured after that value."""
    if not is_flagged_as_jump(result) or any(name in result.decisions for name in names):
        return False
    found = {name: result.output_parameters.get(name) for name in names}
    return all(
        one is not None
        and one.error is not None
        and is_later(one, candidate.previous.get(name))
        and is_jump(candidate, name, one)
        for name, one in found.items()
    )


def _agree(change: PlausibleChange | None, found: Sequence[Parameter | ParameterModel]) -> bool:
    """Return whether none of these estimates is far from the mean of the others."""
    assert change is not None  # as each is a jump
    for index, one in enumerate(found):
        others = [*found[:index], *found[index + 1 :]]
        mean = sum(other.value for other in others) / len(others)
        error = math.hypot(*(other.error or 0 for other in others)) / len(others)
        if change.are_far_apart(one.value, mean, error=math.hypot(one.error or 0, error)):
            return False
    return True
