"""Decisions of users on results, and the values that follow from them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from qdash_builtin.proposals.basis import make_basis
from qdash_builtin.record_lookup.provenance_edges import list_later
from qdash_builtin.values.flagged_results import has_later_value
from qdash_builtin.values.result_queries import list_results_of_targets, list_traced_results
from qdash_builtin.values.selection import require_target
from qdash_builtin.values.sets import require_whole_sets
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.base import make_later_time
from qdash_core.models.chip import CouplingModel
from qdash_core.models.decision import Decision
from qdash_core.models.provenance import NodeKind, Relation, name_result, parse_node
from qdash_core.models.targets import get_control_qubit
from qdash_core.models.task import TaskStatus, Verdict, select_last_attempts
from qdash_core.parsing.similar_names import suggest
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.provenance import ProvenanceRepository
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository
from qdash_core.repositories.value_changes import ValueScopeRepository
from qdash_core.values.accepted_values import fits_direction
from qdash_core.values.usable_results import UsableResults

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.values.newest_values import NewestValues
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel, ParameterModel, QubitModel
    from qdash_core.models.task import TaskResultModel, TracedResult
    from qdash_core.models.value_change import ChangedDecision
    from qdash_core.repositories.repositories import Repositories


def require_decidable(
    repositories: Repositories, access: Access, task_id: str
) -> tuple[TaskResultModel, ChipModel, QubitModel | CouplingModel]:
    """Return a result on which a user may decide, with its chip and target.

    Raises
    ------
    NotFoundError
        If there is no such result, or its chip or target was deleted.
    InvalidInputError
        If it has no values of a qubit or coupling, was simulated and not adopted, or belongs to a value scope that is not committed.
    ConflictError
        If it is not completed or has no values, or belongs to a former chip with the same id.
    """
    result = repositories.of(TaskResultHistoryRepository).find(access.project_id, task_id)
    if result is None:
        raise NotFoundError(f"there is no result {task_id!r} in project {access.project_id}")
    header = repositories.of(ChipRepository).require(access.project_id, result.chip_id)
    if result.task_type not in ("qubit", "coupling"):
        raise InvalidInputError(
            f"result {task_id} ({result.name}, a {result.task_type} task) has no values of a qubit or coupling"
        )
    if result.start_at is None or result.start_at < header.created_at:
        raise ConflictError(f"result {task_id} belongs to a former chip with the id {result.chip_id}")
    if result.status is not TaskStatus.COMPLETED or not result.output_parameters:
        raise ConflictError(
            f"result {task_id} is {result.outcome}: only completed results with values can be accepted, rejected or used; measure again, or "
            "set values by hand"
        )
    if result.simulated and not UsableResults(repositories, header).is_adopted(result.execution_id):
        raise InvalidInputError(
            f"result {task_id} is simulated: adopt its execution first, with `qdash executions adopt {result.execution_id}`"
        )
    if result.scope is not None:
        scope = repositories.of(ValueScopeRepository).find(access.project_id, result.chip_id, result.scope)
        if scope is None or scope.status != "committed":
            raise InvalidInputError(
                f"result {task_id} belongs to value scope {result.scope}, which is not committed"
            )
    return result, header, require_target(repositories, header, result.qid)


def choose_names(
    result: TaskResultModel,
    names: Collection[str] | None,
    *,
    sets: Mapping[str, Sequence[str]],
    verb: str,
) -> list[str]:
    """Return the chosen parameters of a result; all if `names` is None.

    Parameters
    ----------
    sets : mapping of str to sequence of str
        Parameters of each set of values, by its name.
    verb : str
        Command of `qdash values`, for messages.

    Raises
    ------
    InvalidInputError
        If the result does not have a named parameter, none is named, or a part of a set is.
    """
    if names is None:
        return [*result.output_parameters]
    if not names:
        raise InvalidInputError(f"name at least one parameter of result {result.task_id}")
    for name in names:
        if name not in result.output_parameters:
            raise InvalidInputError(
                f"result {result.task_id} has no parameter {name!r}{suggest(name, result.output_parameters)} "
                f"(it has {', '.join(result.output_parameters)})"
            )
    require_whole_sets(names, result.output_parameters, sets, f"qdash values {verb} {result.task_id}")
    return [*dict.fromkeys(names)]


def refuse_decided(result: TaskResultModel, names: Iterable[str]) -> None:
    """Raise ConflictError if a user has decided on one of these parameters of a result."""
    for name in names:
        if (decision := result.decisions.get(name)) is not None:
            why = f": {decision.reason}" if decision.reason else ""
            raise ConflictError(
                f"{name} of result {result.task_id} was {decision.verdict} by {decision.username} meanwhile{why}"
            )


def list_verdicts(result: TaskResultModel, names: Iterable[str]) -> dict[str, str | None]:
    """Return the verdict on each parameter of a result: that of a user, or else that of its validation."""
    decisions = result.decisions
    return {name: decisions[name].verdict if name in decisions else result.verdict for name in names}


def make_decision_basis(result: TaskResultModel, names: Iterable[str]) -> str:
    """Return the basis of a decision on parameters of a result: its status, and the verdicts so far."""
    return make_basis([result.status, list_verdicts(result, names)])


def refuse_other_direction(
    result: TaskResultModel, target: QubitModel | CouplingModel, names: Collection[str]
) -> None:
    if not isinstance(target, CouplingModel):
        return
    control = get_control_qubit(target)
    for name in names:
        if not fits_direction(result.control, control, name):
            raise ConflictError(
                f"{name} of result {result.task_id} was measured with qubit {result.control} as the control, but the control of "
                f"{target.qid} is qubit {control}: set the direction first"
            )


def make_decision(verdict: str, access: Access, reason: str, now: datetime) -> Decision:
    return Decision.model_validate(
        {"verdict": verdict, "username": access.username, "reason": reason, "decided_at": now}
    )


def store_decisions(
    repositories: Repositories,
    result: TaskResultModel,
    decisions: Mapping[str, ChangedDecision],
    *,
    now: datetime,
) -> None:
    """Store changed decisions with their result; record its verdict with the newest results, and whether it still awaits a decision."""
    if not decisions:
        return
    outcome = result.outcome_in_force
    for name, change in decisions.items():
        result.decisions.pop(name, None)
        if change.after is not None:
            result.decisions[name] = change.after
    result.updated_at = make_later_time(result.updated_at, now)
    repositories.of(TaskResultHistoryRepository).put(result)
    _count_again(repositories, result, outcome)
    latest = repositories.of(LatestResultRepository).find(
        result.project_id, result.chip_id, result.name, result.qid
    )
    if latest is None:
        return
    if latest.task_id == result.task_id and latest.verdict is not result.verdict_in_force:
        latest.verdict = result.verdict_in_force
        repositories.of(LatestResultRepository).put(latest)
    if result.verdict is not Verdict.FLAGGED:
        return
    decided = all(name in result.decisions for name in result.output_parameters)
    # A later failure leaves a flagged result waiting; a later result with values replaces it.
    is_last = latest.task_id == result.task_id or latest.status is TaskStatus.FAILED
    if latest.flagged_task_id == result.task_id or (latest.flagged_task_id is None and is_last):
        latest.flagged_task_id = None if decided else result.task_id
        repositories.of(LatestResultRepository).put(latest)


def _count_again(repositories: Repositories, result: TaskResultModel, former: str) -> None:
    """Correct the counts of the ended execution of a result whose outcome in force was another one."""
    changed = result.outcome_in_force
    if changed == former or not result.execution_id:
        return
    execution = repositories.of(ExecutionRepository).find(result.project_id, result.execution_id)
    if execution is None or not execution.outcomes.get(former):
        return
    attempts = list_results_of_targets(
        repositories.of(TaskResultHistoryRepository), result.project_id, result.execution_id, [result.qid]
    )
    if all(one.task_id != result.task_id for one in select_last_attempts(attempts)):
        return
    counts = Counter(execution.outcomes)
    counts[former] -= 1
    counts[changed] += 1
    recounted = execution.model_copy(update={"outcomes": dict(+counts)})
    repositories.of(ExecutionRepository).replace(recounted, was=execution.status)


def find_accepted_values(
    usable: NewestValues,
    result: TaskResultModel,
    target: QubitModel | CouplingModel,
    names: Collection[str],
) -> dict[str, ParameterModel | None]:
    """Return the new values of accepted parameters; a value that was measured later stays."""
    older = [name for name in names if not has_later_value(target, result, name)]
    return {**usable.find_newest(target, older)} if older else {}


def find_replacements(
    usable: NewestValues,
    result: TaskResultModel,
    target: QubitModel | CouplingModel,
    names: Collection[str],
) -> dict[str, ParameterModel | None]:
    """Return the new value of each rejected parameter that is in use: that of the newest usable result, or None."""
    in_use = [name for name in names if name in target.data and target.data[name].task_id == result.task_id]
    if not in_use:
        return {}
    found = usable.find_newest(target, in_use)
    return {name: found.get(name) for name in in_use}


def list_using_results(repositories: Repositories, result: TaskResultModel) -> list[TracedResult]:
    """Return the results whose inputs include a value of a result, last started first."""
    node = name_result(result.task_id)
    users = [
        parse_node(edge.subject)[1]
        for edge in list_later(repositories.of(ProvenanceRepository), result.project_id, [node])
        if edge.relation == Relation.USED and parse_node(edge.subject)[0] is NodeKind.RESULT
    ]
    found = list_traced_results(repositories.of(TaskResultHistoryRepository), result.project_id, users)
    return sorted(found, key=lambda one: one.start_at or result.created_at, reverse=True)
