"""Selection of the flagged results to review."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_builtin.values.selection import TargetChoice
from qdash_core.errors import NotFoundError
from qdash_core.parsing.similar_names import suggest
from qdash_core.repositories.results import TaskRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from qdash_core.models.chip import ChipModel
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class ReviewQuery:
    """Conditions on flagged results, which must all hold; None for any, without targets all.

    Parameters
    ----------
    task : str or None
        Name or alias of the task.
    metric : str or None
        A parameter whose flagged value has no decision.
    every_state : bool
        Whether superseded results and those of excluded targets are included.
    """

    targets: TargetChoice = field(default_factory=TargetChoice)
    task: str | None = None
    metric: str | None = None
    every_state: bool = False


@dataclass(frozen=True, slots=True)
class ReviewConditions:
    """Conditions of a query with the names as they are stored; None matches everything."""

    targets: frozenset[str] | None
    task: str | None
    metric: str | None

    def include(self, task: str, qid: str, names: Collection[str]) -> bool:
        """Return whether a result of a task on a target with these flagged values meets the conditions."""
        return (
            (self.targets is None or qid in self.targets)
            and self.task in (None, task)
            and (self.metric is None or self.metric in names)
        )


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names of tasks and parameters of the installed plugins.

    Parameters
    ----------
    task_name : callable
        Returns the task name for an alias, and any other name unchanged.
    require_task : callable
        Raises NotFoundError if no installed task has this name.
    definitions : callable
        Returns the declared parameters of qubits (`"qubit"`) or couplings (`"coupling"`) by name.
    """

    task_name: Callable[[str], str]
    require_task: Callable[[str], object]
    definitions: Callable[[str], Mapping[str, object]]

    def resolve(self, repositories: Repositories, header: ChipModel, query: ReviewQuery) -> ReviewConditions:
        """Return the conditions of a query; raise NotFoundError for an unknown target, task or parameter."""
        ran = (
            repositories.of(TaskRepository).list_by_project(header.project_id)
            if query.task or query.metric
            else []
        )
        task = None if query.task is None else self.task_name(query.task)
        if task is not None and all(one.name != task for one in ran):
            self.require_task(task)
        if query.metric is not None:
            known = {name for one in ran for name in one.output_parameters}
            known.update(self.definitions("qubit"), self.definitions("coupling"))
            if query.metric not in known:
                raise NotFoundError(f"there is no parameter {query.metric!r}{suggest(query.metric, known)}")
        return ReviewConditions(_select_targets(repositories, header, query.targets), task, query.metric)


def _select_targets(
    repositories: Repositories, header: ChipModel, choice: TargetChoice
) -> frozenset[str] | None:
    return frozenset(one.qid for one in choice.read(repositories, header)) if choice else None
