"""Results of one run: selection by target, task and outcome, counts, summaries, order of display."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from qdash_builtin.runs.displayed_outcomes import display_outcome
from qdash_core.errors import NotFoundError
from qdash_core.models.targets import by_number
from qdash_core.models.task import Outcome, parse_choice, select_last_attempts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from qdash_core.models.task import TaskResultModel


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """Summary of one task on all its targets.

    Parameters
    ----------
    became : mapping of str to int
        Number of results by `TaskResultModel.outcome_in_force`.
    lab_s : float or None
        Mean laboratory time in seconds, or None if it is unknown.
    """

    name: str
    became: Mapping[str, int]
    lab_s: float | None


class RunResult(Protocol):
    """Fields of a result, and of its view model, that summaries of a run need."""

    @property
    def task_id(self) -> str:
        """Id of the result."""
        ...

    @property
    def name(self) -> str:
        """The task."""
        ...

    @property
    def refit_of(self) -> str | None:
        """The result that was fitted again, or None for a measurement."""
        ...

    @property
    def lab_s(self) -> float | None:
        """Laboratory time in seconds."""
        ...

    @property
    def outcome_in_force(self) -> str:
        """Verdict in force if the task completed, else the status."""
        ...


R = TypeVar("R", bound=RunResult)


def summarise_tasks(results: Iterable[RunResult]) -> list[TaskSummary]:
    """Return the summary of each task, in the order of the results."""
    by_task: dict[str, list[RunResult]] = {}
    for result in results:
        by_task.setdefault(result.name, []).append(result)
    return [
        TaskSummary(name, Counter(one.outcome_in_force for one in own), _average_lab_s(own))
        for name, own in by_task.items()
    ]


def needs_attention(result: RunResult) -> bool:
    """Return whether a result failed, is flagged, was interrupted or is running; the cause of skipped and cancelled ones is elsewhere."""
    return result.outcome_in_force in (Outcome.FAILED, Outcome.FLAGGED, Outcome.INTERRUPTED, Outcome.RUNNING)


def order_refits(results: Sequence[R]) -> list[R]:
    """Return the results in their order, each refit below its original."""
    measured = {one.task_id for one in results if one.refit_of is None}
    refits: dict[str, list[R]] = {}
    for result in results:
        if result.refit_of in measured:
            refits.setdefault(str(result.refit_of), []).append(result)
    return [
        one
        for result in results
        if result.refit_of not in measured
        for one in (result, *refits.get(result.task_id, ()))
    ]


def _average_lab_s(results: Iterable[RunResult]) -> float | None:
    times = [one.lab_s for one in results if one.lab_s is not None]
    return sum(times) / len(times) if times else None


@dataclass(frozen=True, slots=True)
class ResultSelection:
    """Selection of the results of a run; empty fields select all, and results of the whole chip.

    Parameters
    ----------
    tasks : tuple of str
        Names or aliases.
    outcomes : tuple of str
        Some of `Outcome`: the last attempts with one of them, after decisions of users, are selected.

    Raises
    ------
    InvalidInputError
        If there is no such outcome.
    """

    targets: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the names of outcomes."""
        for one in self.outcomes:
            parse_choice(Outcome, "outcome", one)

    def __bool__(self) -> bool:
        """Return whether the selection excludes anything."""
        return bool(self.targets or self.tasks or self.outcomes)

    def select(
        self,
        results: Iterable[TaskResultModel],
        *,
        where: str,
        task_name: Callable[[str], str],
        interrupted: bool = False,
    ) -> list[TaskResultModel]:
        """Return the selected results; `where` is their origin, for messages, and `interrupted` whether the process of their run has died.

        `task_name` returns the name of the task with an alias, or another name unchanged.

        Raises
        ------
        NotFoundError
            If one of the targets or tasks has no result.
        """
        found = list(results)
        if self.targets:
            _require(self.targets, sorted({one.qid for one in found if one.qid}, key=by_number), where)
            found = [one for one in found if one.qid in self.targets]
        if self.tasks:
            ran = list(dict.fromkeys(one.name for one in found))
            names = [name if name in ran else task_name(name) for name in self.tasks]
            _require(names, ran, where)
            found = [one for one in found if one.name in names]
        if self.outcomes:
            found = [
                one
                for one in select_last_attempts(found)
                if display_outcome(one.outcome_in_force, interrupted=interrupted) in self.outcomes
            ]
        return found


def _require(wanted: Iterable[str], known: Sequence[str], where: str) -> None:
    for one in wanted:
        if one not in known:
            raise NotFoundError(f"{where} has no result of {one} (there are: {', '.join(known) or 'none'})")
