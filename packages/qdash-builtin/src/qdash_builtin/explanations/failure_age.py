"""Age of a failure of a target, and the later results that contradict it. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_builtin.explanations.considered_results import get_measured_at
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.task import Outcome
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from qdash_builtin.runs.listed_results import ListedResult

_CURRENT = timedelta(hours=24)
"""Age up to which no later result of another task contradicts a failure."""


def is_accepted_by_user(result: ListedResult) -> bool:
    """Return whether a result is flagged, and a user accepted all its values."""
    accepted = {name for name, one in result.decisions.items() if one.verdict == "accepted"}
    return result.outcome == Outcome.FLAGGED and {*result.output_parameters} == accepted


def find_contradiction(
    failure: ListedResult, newest: Sequence[ListedResult], outputs: Collection[str]
) -> str | None:
    """Return the reason why a failure is outdated, or None if it is not.

    A failure of an earlier cool-down is outdated. So is one if a task that uses one of its outputs was accepted more than 24 hours
    later, although its own task was not repeated.

    Parameters
    ----------
    newest : sequence of ListedResult
        Newest result of each task on the target.
    outputs : collection of str
        Parameters that the task of the failure measures.
    """
    later = _list_later(failure, newest)
    # A cool-down that was registered later says nothing of the time before.
    if failure.cooldown_id and any(one.cooldown_id not in (None, failure.cooldown_id) for one in later):
        return "the chip was cooled down again since"
    for one in later:
        uses = any(
            (used.parameter or name) in outputs and used.target in (None, failure.qid)
            for name, used in one.input_parameters.items()
        )
        if uses and one.outcome == Outcome.ACCEPTED and _get_distance(failure, one) > _CURRENT:
            return f"{one.name}, which uses its values, was accepted since"
    return None


def describe_age(failure: ListedResult, newest: Sequence[ListedResult]) -> str | None:
    """Return a sentence with the age of a failure and the tasks accepted by later executions, or None if there are none."""
    accepted = sorted({one.name for one in _list_later(failure, newest) if one.outcome == Outcome.ACCEPTED})
    if not accepted:
        return None
    return f"{write_age(failure, newest)}; accepted on the target since: {summarize_names(accepted)}"


def write_age(failure: ListedResult, newest: Sequence[ListedResult]) -> str:
    """Return the name and outcome of a failure with its age at the newest later result."""
    age = max((_get_distance(failure, one) for one in _list_later(failure, newest)), default=timedelta())
    verb = "was flagged" if failure.outcome == Outcome.FLAGGED else "failed"
    return f"{failure.name} {verb} {format_duration(age.total_seconds())} before the newest result"


def _list_later(failure: ListedResult, newest: Sequence[ListedResult]) -> list[ListedResult]:
    """Return the results of later executions."""
    return [
        one
        for one in newest
        if one.execution_id != failure.execution_id and _get_distance(failure, one) > timedelta()
    ]


def _get_distance(failure: ListedResult, other: ListedResult) -> timedelta:
    before, after = get_measured_at(failure), get_measured_at(other)
    return timedelta() if before is None or after is None else after - before
