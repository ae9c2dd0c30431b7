"""Status of a target, which follows the evidence on its essential metrics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from qdash_core.models.chip import CouplingModel, QubitModel, StatusReason, TargetStatus
from qdash_core.models.value_change import ValueEventKind
from qdash_core.repositories.chip_events import log_chip
from qdash_core.values.evidence import join_failures, read_evidence
from qdash_core.values.usable_results import UsableResults

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from qdash_core.models.chip import ChipModel, MeasuredAttempt
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.values.evidence import Evidence
    from qdash_core.values.writer import ValueEvent


@dataclass(frozen=True, slots=True)
class StatusRules:
    """Rules of the status of targets.

    Parameters
    ----------
    essential : mapping of str to frozenset of str
        Names of the essential metrics of qubits (`"qubit"`) and couplings (`"coupling"`).
    list_measured : callable
        Returns the parameters that the tasks of a chip measure.
    """

    essential: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: {"qubit": frozenset(), "coupling": frozenset()}
    )
    list_measured: Callable[[ChipModel], Collection[str]] = lambda _: ()


_REASSESSED = frozenset(
    {
        ValueEventKind.ACCEPTED,
        ValueEventKind.REJECTED,
        ValueEventKind.USED,
        ValueEventKind.ADOPTED,
        ValueEventKind.COMMITTED,
        ValueEventKind.UNDONE,
    }
)

T = TypeVar("T", QubitModel, CouplingModel)


def add_evidence(target: T, evidence: Evidence, *, complete_for: Collection[str] = ()) -> T:
    """Return a target with the outcomes of its newest measurements in place of earlier ones of the same parameters.

    Parameters
    ----------
    target : QubitModel or CouplingModel
        The target.
    evidence : Evidence
        The outcomes.
    complete_for : collection of str
        Parameters with complete evidence: stored outcomes that it lacks are removed.
    """
    replaced = {*evidence.accepted, *complete_for}
    failures = {
        name: one
        for name, one in target.failures.items()
        if name not in replaced and (one.task, name) not in evidence.resolved
    }
    disputes = {name: one for name, one in target.disputes.items() if name not in replaced | evidence.valued}
    for name, row in evidence.failures.items():
        failures[name] = join_failures(row, failures.get(name))
    return target.model_copy(update={"failures": failures, "disputes": disputes | evidence.disputes})


def follow_evidence(
    target: T,
    evidence: Evidence,
    essential: frozenset[str],
    *,
    is_complete: Callable[[], bool],
    complete_for: Collection[str] = (),
    now: datetime,
) -> T:
    """Return a target with the status that follows from its newest measurements.

    It is failed while the newest decisive measurement of an essential metric failed or was rejected. If an essential metric was
    measured and none fails, it is calibrated; or pending, if it was not calibrated before and lacks the value of an essential metric
    that tasks measure. A status that a user set stays.

    Parameters
    ----------
    target : QubitModel or CouplingModel
        The target, with the evidence added.
    evidence : Evidence
        The added evidence.
    essential : frozenset of str
        Its essential metrics.
    is_complete : callable
        Returns whether it has a value of each essential metric that tasks measure.
    complete_for : collection of str
        Parameters with complete evidence.
    now : datetime
        The current time.
    """
    if target.status.set_aside:
        return target
    failing = [target.failures[name] for name in essential if name in target.failures]
    successes = [evidence.accepted[name] for name in essential if name in evidence.accepted]
    status, cause = target.status, None
    if failing:
        status, cause = TargetStatus.FAILED, _find_newest(failing)
    elif successes and status is not TargetStatus.CALIBRATED:
        if is_complete():
            status, cause = TargetStatus.CALIBRATED, _find_newest(successes)
        else:
            status = TargetStatus.PENDING
    elif target.status_reason is not None and (
        status is TargetStatus.FAILED
        or (
            status is TargetStatus.CALIBRATED and not essential.isdisjoint(complete_for) and not is_complete()
        )
    ):
        status = TargetStatus.PENDING  # the result that had decided the status was decided on
    if cause is None and status == target.status:
        return target
    reason = None if cause is None else _make_reason(cause)
    status_at = target.status_at if status == target.status else now
    return target.with_changes(status=status, status_at=status_at, status_reason=reason, now=now)


def record_evidence(
    repositories: Repositories,
    header: ChipModel,
    qid: str,
    evidence: Evidence,
    rules: StatusRules,
    *,
    complete_for: Collection[str] = (),
    today: str,
    now: datetime,
) -> None:
    """Store evidence with its target and the status that follows, also in today's copy, in the transaction of the caller."""
    stored: Any = repositories.couplings if "-" in qid else repositories.qubits
    known = stored.require(header.project_id, header.chip_id, qid)
    if not complete_for and any(name in known.failures for _, name in evidence.resolved):
        # Failures of several tasks may be in one row, of which those of one task no longer concern the parameter.
        names = {*evidence.accepted, *evidence.failures, *evidence.disputes, *evidence.valued}
        reassess_target(repositories, header, qid, names, rules, today=today, now=now)
        return
    names = rules.essential["coupling" if "-" in qid else "qubit"]
    changed = add_evidence(known, evidence, complete_for=complete_for)
    concerned = {*evidence.accepted, *evidence.failures, *known.failures, *complete_for}
    if not names.isdisjoint(concerned):
        changed = follow_evidence(
            changed,
            evidence,
            names,
            is_complete=lambda: _is_complete(header, changed, names, rules),
            complete_for=complete_for,
            now=now,
        )
    if _get_state(changed) == _get_state(known):
        return
    if changed.updated_at == known.updated_at:
        changed = changed.with_changes(now=now)
    stored.write_values(changed, recorded_date=today, cooldown_id=header.current_cooldown_id)
    if changed.status != known.status:
        log_chip(
            repositories,
            header.project_id,
            header.chip_id,
            "status",
            targets=[qid],
            statuses={qid: (known.status, changed.status)},
        )


def reassess_target(
    repositories: Repositories,
    header: ChipModel,
    qid: str,
    names: Iterable[str],
    rules: StatusRules,
    *,
    today: str,
    now: datetime,
) -> None:
    """Read the evidence of all results on a target, and store it with the status that follows.

    For results that are decided on, adopted, committed or analysed again, after these changes are stored.

    Parameters
    ----------
    names : iterable of str
        Parameters of these results. Those that were not accepted are read, too.
    """
    stored: Any = repositories.couplings if "-" in qid else repositories.qubits
    target = stored.find(header.project_id, header.chip_id, qid)
    if target is None:
        return
    read = {*names, *target.failures, *target.disputes}
    evidence = read_evidence(repositories, header, target, read, UsableResults(repositories, header))
    record_evidence(repositories, header, qid, evidence, rules, complete_for=read, today=today, now=now)


def reassess_event(
    repositories: Repositories,
    header: ChipModel,
    event: ValueEvent,
    read_rules: Callable[[], StatusRules],
    *,
    today: str,
    now: datetime,
) -> None:
    """Reassess the targets of a value event that changed which results count.

    Parameters
    ----------
    read_rules : callable
        Returns the rules, which not every event needs.
    """
    head = event.head
    if head.kind not in _REASSESSED:
        return
    names = {part.qid: {*part.values, *part.decisions} for part in event.parts}
    for result in _list_transferred(repositories, header, event):
        if result.task_type in ("qubit", "coupling"):
            names.setdefault(result.qid, set()).update(result.output_parameter_names)
    for qid, some in names.items():
        reassess_target(repositories, header, qid, some, read_rules(), today=today, now=now)


def _list_transferred(
    repositories: Repositories, header: ChipModel, event: ValueEvent
) -> list[TaskResultModel]:
    """Return the results of the executions whose adoption or commit an event recorded or undid."""
    head, project_id = event.head, header.project_id
    # An undo of an undone adoption or commit is refused: the undone event itself is the adoption or commit.
    recorded = head if head.undoes is None else repositories.value_changes.find_head(project_id, head.undoes)
    executions: Iterable[str] = []
    if recorded is not None and recorded.kind is ValueEventKind.ADOPTED:
        executions = [recorded.execution_id]
    elif recorded is not None and recorded.kind is ValueEventKind.COMMITTED:
        executions = repositories.value_scopes.require(project_id, header.chip_id, recorded.scope).executions
    return [one for found in executions for one in repositories.results.list_by_execution(project_id, found)]


def _get_state(target: QubitModel | CouplingModel) -> tuple[object, ...]:
    return target.failures, target.disputes, target.status, target.status_reason


def _is_complete(
    header: ChipModel, target: QubitModel | CouplingModel, essential: Collection[str], rules: StatusRules
) -> bool:
    """Return whether a target has a value of each essential metric that tasks measure on its chip."""
    missing = {name for name in essential if name not in target.data}
    return not missing or missing.isdisjoint(rules.list_measured(header))


def _find_newest(attempts: Collection[MeasuredAttempt]) -> MeasuredAttempt:
    return max(attempts, key=lambda one: one.measured_at)


def _make_reason(attempt: MeasuredAttempt) -> StatusReason:
    return StatusReason(text=attempt.text, task_id=attempt.task_id, execution_id=attempt.execution_id)
