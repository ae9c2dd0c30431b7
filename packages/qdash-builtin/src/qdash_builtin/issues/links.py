"""Links of an issue to a chip, targets, a result, an execution and a cool-down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.targets import by_number, parse_target_id
from qdash_core.parsing.similar_names import suggest
from qdash_core.repositories.chips import ChipRepository, get_target_repository
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qdash_builtin.issues.model import IssueModel
    from qdash_core.repositories.repositories import Repositories

LINKS = ("chip_id", "targets", "task_id", "task", "metrics", "execution_id", "cooldown_id")
MOST_TARGETS, MOST_METRICS = 200, 20


def resolve_links(
    repositories: Repositories, issue: IssueModel, given: Mapping[str, Any], known_metrics: Collection[str]
) -> dict[str, Any]:
    """Return the links of an issue after a change, checked.

    A result fills the chip, target and metrics if these are neither given nor set, and brings its execution and cool-down; an
    execution fills the chip and the cool-down. Empty links in `given` are removed.

    Raises
    ------
    NotFoundError
        If there is no such chip, target, result, execution, cool-down or parameter.
    InvalidInputError
        If the links contradict each other, or there are too many.
    """
    links = {name: getattr(issue, name) for name in LINKS} | dict(given)
    links |= {name: links[name].strip() for name in ("chip_id", "task_id", "execution_id", "cooldown_id")}
    _use_result(repositories, issue.project_id, links, given)
    _use_execution(repositories, issue.project_id, links, given)
    if given.get("cooldown_id") and not repositories.of(CooldownRepository).find(
        issue.project_id, links["cooldown_id"]
    ):
        raise NotFoundError(
            f"there is no cool-down {links['cooldown_id']!r} in project {issue.project_id}: see `qdash cooldown list`"
        )
    if given.get("metrics"):
        links["metrics"] = _check_metrics(given["metrics"], {*known_metrics, *issue.metrics})
    if links["chip_id"] != issue.chip_id or links["targets"] != issue.targets:
        links["targets"] = _check_targets(repositories, issue.project_id, links)
    return links


def _use_result(
    repositories: Repositories, project_id: str, links: dict[str, Any], given: Mapping[str, Any]
) -> None:
    """Check the result, and fill links from it. A new result brings its execution and cool-down."""
    task_id = links["task_id"]
    result = repositories.of(TaskResultHistoryRepository).find(project_id, task_id) if task_id else None
    if result is None:
        if given.get("task_id"):
            raise NotFoundError(
                f"there is no result {task_id!r} in project {project_id}: `qdash task results` lists results"
            )
        links["task"] = links["task"] if task_id else ""
        return
    if "task_id" in given:
        own = {"execution_id": result.execution_id, "cooldown_id": result.cooldown_id or links["cooldown_id"]}
        found = {
            "chip_id": result.chip_id,
            "targets": [result.qid] if result.qid else [],
            "metrics": (result.output_parameter_names or sorted(result.output_parameters))[:MOST_METRICS],
        }
        links["task"] = result.name
        links |= {name: value for name, value in own.items() if name not in given}
        links |= {name: value for name, value in found.items() if name not in given and not links[name]}
    _refuse_contradiction(f"result {task_id}", "chip", links["chip_id"], result.chip_id)
    _refuse_contradiction(f"result {task_id}", "execution", links["execution_id"], result.execution_id)


def _use_execution(
    repositories: Repositories, project_id: str, links: dict[str, Any], given: Mapping[str, Any]
) -> None:
    """Check the execution, and fill links from it."""
    execution_id = links["execution_id"]
    if given.get("execution_id"):
        repositories.of(ExecutionRepository).require(project_id, execution_id)
    execution = repositories.of(ExecutionRepository).find(project_id, execution_id) if execution_id else None
    if execution is None:
        return
    if "execution_id" in given:
        found = {"chip_id": execution.chip_id, "cooldown_id": execution.cooldown_id or ""}
        links |= {name: value for name, value in found.items() if name not in given and not links[name]}
    _refuse_contradiction(f"execution {execution_id}", "chip", links["chip_id"], execution.chip_id)


def _refuse_contradiction(subject: str, noun: str, linked: str, found: str) -> None:
    """Raise InvalidInputError if a link names another object than the result or execution."""
    if linked and linked != found:
        raise InvalidInputError(
            f"{subject} is of {noun} {found}, not of {linked!r}: change both links together, or clear one"
        )


def _check_metrics(metrics: Collection[str], known: Collection[str]) -> list[str]:
    for metric in metrics:
        if metric not in known:
            raise NotFoundError(f"there is no parameter {metric!r}{suggest(metric, known)}")
    if len(metrics) > MOST_METRICS:
        raise InvalidInputError(f"{len(metrics)} parameters are too many; {MOST_METRICS} are possible")
    return list(dict.fromkeys(metrics))


def _check_targets(repositories: Repositories, project_id: str, links: Mapping[str, Any]) -> list[str]:
    """Return the targets by number; raise an error if the chip or one of them does not exist."""
    targets = sorted({parse_target_id(one) for one in links["targets"]}, key=by_number)
    if len(targets) > MOST_TARGETS:
        raise InvalidInputError(
            f"{len(targets)} targets are too many; {MOST_TARGETS} are possible: an issue without targets is about the chip"
        )
    chip_id = links["chip_id"]
    if not chip_id:
        if targets:
            raise InvalidInputError(f"target {targets[0]} is of no chip: name the chip as well")
        return []
    repositories.of(ChipRepository).require(project_id, chip_id)
    for target in targets:
        kind = get_target_repository(repositories, target)
        kind.require(project_id, chip_id, target)
    return targets
