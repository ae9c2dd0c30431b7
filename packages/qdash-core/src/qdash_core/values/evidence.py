"""Evidence on the parameters of a target: the outcomes of its newest measurements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.models.chip import CouplingModel, MeasuredAttempt
from qdash_core.models.judgement import FailureKind
from qdash_core.models.targets import get_control_qubit
from qdash_core.models.task import TaskStatus, Verdict, is_accepted
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.values.accepted_values import fits_direction

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from qdash_core.models.chip import ChipModel, QubitModel
    from qdash_core.models.task import ResultValues, TaskResultModel
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.values.usable_results import UsableResults

_LONGEST_TEXT = 300
"""Number of characters about an outcome that a target keeps for each parameter."""


@dataclass(slots=True)
class Evidence:
    """Outcomes of the newest measurements of the parameters of a target.

    Parameters
    ----------
    accepted : dict of str to MeasuredAttempt
        The newest measurement that gave an accepted value.
    failures : dict of str to list of MeasuredAttempt
        The measurements in a row that gave no accepted value, newest first, if the newest decisive outcome is a
        failure or a rejection.
    disputes : dict of str to MeasuredAttempt
        The newest flagged measurement that awaits a decision and is newer than an accepted one.
    resolved : set of tuple of str
        Task and parameter of each accepted measurement that did not yield an optional parameter: an earlier failure of the task no
        longer concerns it.
    valued : set of str
        Parameters with a value of a measurement, whatever its verdict: an earlier flagged value no longer matters.
    """

    accepted: dict[str, MeasuredAttempt] = field(default_factory=dict)
    failures: dict[str, list[MeasuredAttempt]] = field(default_factory=dict)
    disputes: dict[str, MeasuredAttempt] = field(default_factory=dict)
    resolved: set[tuple[str, str]] = field(default_factory=set)
    valued: set[str] = field(default_factory=set)


def join_failures(row: Iterable[MeasuredAttempt], known: MeasuredAttempt | None = None) -> MeasuredAttempt:
    """Return the newest of some measurements in a row that gave no accepted value, with the number and the first of them.

    `row` has at least one measurement, newest first. `known` is the newest one before them with those before it, or
    None.
    """
    for one in reversed([*row]):
        known = _follow_failure(known, one)
    assert known is not None
    return known


def _follow_failure(known: MeasuredAttempt | None, new: MeasuredAttempt) -> MeasuredAttempt:
    """Return a failed measurement with the number and the first of those in a row that it ends."""
    if known is None:
        return new.model_copy(update={"times": 1, "first_at": new.measured_at, "absent_since": None})
    are_absent = known.kind is new.kind is FailureKind.NO_SIGNAL and known.execution_id == new.execution_id
    return new.model_copy(
        update={
            "times": known.times + 1,
            "first_at": known.first_at or known.measured_at,
            "absent_since": known.absent_since or (known.measured_at if are_absent else None),
        }
    )


def is_evidence(result: ResultValues | TaskResultModel) -> bool:
    """Return whether a result says something about its target: it completed, or its complete measurement failed afterwards.

    Values that a user set or imported were not measured. Errors of the backend, timeouts, missing inputs, cancellations and
    interruptions leave no complete measurement.
    """
    if result.measurement_complete is False or not result.execution_id:
        return False
    if result.status is TaskStatus.COMPLETED:
        return True
    if result.status is not TaskStatus.FAILED:
        return False
    if result.measurement_complete or result.verdict is not None:
        return True
    # Records of older versions do not say whether the measurement was complete; an interrupted one has partial data.
    return bool(result.raw_data_path) and not result.message.startswith("interrupted")


def collect_evidence(result: TaskResultModel) -> Evidence:
    """Return the evidence of the newest measurement of a target."""
    found = Evidence()
    for name in result.output_parameter_names:
        _add_outcome(found, name, [result], lambda _result, _name: True)
    return found


def read_evidence(
    repositories: Repositories,
    header: ChipModel,
    target: QubitModel | CouplingModel,
    names: Collection[str],
    usable: UsableResults,
) -> Evidence:
    """Return the evidence of all results on a target for some parameters.

    A measurement counts by the best outcome of itself and its refits. Trials, simulations and results of value scopes
    count as their values do. `repositories` are those of a snapshot or transaction. `usable` decides which results
    count for the chip.
    """
    control = get_control_qubit(target) if isinstance(target, CouplingModel) else None
    refits: dict[str, list[ResultValues]] = {}
    found, left = Evidence(), set(names)

    def counts(result: ResultValues | TaskResultModel, name: str) -> bool:
        return usable.counts(result, name) and fits_direction(result.control, control, name)

    for page in repositories.of(TaskResultHistoryRepository).iter_by_target(
        header.project_id, header.chip_id, target.qid
    ):
        for result in page:
            if result.start_at is None or result.start_at < header.installed_at:
                return found
            if result.refit_of is not None:
                refits.setdefault(result.refit_of, []).append(result)
                continue
            group = [result, *refits.pop(result.task_id, ())]
            for name in left.intersection(result.output_parameter_names):
                if _add_outcome(found, name, group, counts):
                    left.discard(name)
        if not left:
            break
    return found


def _add_outcome(
    found: Evidence,
    name: str,
    group: Iterable[ResultValues | TaskResultModel],
    counts: Callable[[ResultValues | TaskResultModel, str], bool],
) -> bool:
    """Add the outcome of a measurement and its refits for one parameter, unless a newer one outweighs it.

    Return whether a value was accepted: no earlier measurement matters then. A flagged value is not decisive: the outcome of an
    earlier measurement stays.
    """
    measured, *refits = group
    if not is_evidence(measured) or not counts(measured, name):
        return False
    known = [one for one in (measured, *refits) if counts(one, name)]
    if any(name in one.output_parameters and is_accepted(one, name) for one in known):
        found.accepted[name] = _make_attempt(measured)
        return True
    flagged = [one for one in known if _is_disputed(one, name)]
    if flagged and name not in found.valued:
        found.disputes[name] = _make_attempt(measured, flagged[0])
    if measured.status is TaskStatus.COMPLETED and any(name in one.output_parameters for one in known):
        found.valued.add(name)
    if _is_accepted(measured) and name not in measured.output_parameters:
        found.resolved.add((measured.name, name))
    rejected = name in measured.decisions and measured.decisions[name].verdict == "rejected"
    if (measured.status is TaskStatus.FAILED or rejected) and (measured.name, name) not in found.resolved:
        kind = FailureKind.REJECTED_BY_USER if rejected else _get_kind(measured)
        found.failures.setdefault(name, []).append(_make_attempt(measured).model_copy(update={"kind": kind}))
    return False


def _get_kind(failed: ResultValues | TaskResultModel) -> FailureKind:
    """Return the kind of a failure that no user decided on."""
    if failed.verdict is Verdict.REJECTED:
        return FailureKind.REJECTED
    return FailureKind.NO_SIGNAL if failed.no_signal else FailureKind.COULD_NOT_TELL


def _is_accepted(result: ResultValues | TaskResultModel) -> bool:
    return result.status is TaskStatus.COMPLETED and result.verdict is Verdict.ACCEPTED


def _is_disputed(result: ResultValues | TaskResultModel, name: str) -> bool:
    flagged = result.status is TaskStatus.COMPLETED and result.verdict is Verdict.FLAGGED
    return flagged and name in result.output_parameters and name not in result.decisions


def _make_attempt(
    measured: ResultValues | TaskResultModel, shown: ResultValues | TaskResultModel | None = None
) -> MeasuredAttempt:
    """Return the record of a measurement; `shown` is the result to link to, if it is one of its refits."""
    result = shown or measured
    assert measured.start_at is not None
    return MeasuredAttempt(
        task=result.name,
        task_id=result.task_id,
        execution_id=result.execution_id,
        measured_at=measured.start_at,
        ended_at=result.end_at or measured.start_at,
        text=_describe(result),
    )


def _describe(result: ResultValues | TaskResultModel) -> str:
    """Return the outcome of a result in one sentence, such as `CheckT1 was flagged: t1 is 81.5 us, and was 120 us`."""
    rejections = [one for one in result.decisions.values() if one.verdict == "rejected"]
    if result.verdict is not None and not rejections:
        text = f"{result.name} was {result.verdict}"
        why = "; ".join(result.reasons)
    elif rejections:
        text = f"{result.name} was rejected by {rejections[-1].username}"
        why = rejections[-1].reason
    else:
        text, why = f"{result.name} failed", result.message
    text = f"{text}: {why}" if why else text
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."
