"""What is to be run: tasks in order on targets, what these exclude each other by, and who watches it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import by_number
from qdash_core.scheduling.conflicts import Conflicts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.run_parameters import RunParameter

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A task with the run parameters it will have."""

    task: type[BaseTask]
    parameters: Mapping[str, RunParameter]


@dataclass(frozen=True, slots=True)
class Plan:
    """Tasks in order, on every target.

    Parameters
    ----------
    groups : sequence of sequence of str
        Targets of one group may be measured together. With `conflicts` they are the plan as people see it; nothing waits
        for the end of a group then.
    conflicts : Conflicts or None
        What each target occupies from its first task to its last one. None: the groups run one after another.
    """

    tasks: Sequence[PlannedTask]
    groups: Sequence[Sequence[str]]
    conflicts: Conflicts | None = None

    def __post_init__(self) -> None:
        if self.conflicts is not None and set(self.conflicts.targets) != set(self.targets):
            differing = sorted(set(self.conflicts.targets) ^ set(self.targets), key=by_number)
            raise InvalidInputError(
                f"a plan has {', '.join(differing)} in its groups or in its conflicts, and not in both"
            )

    @property
    def targets(self) -> list[str]:
        """Every target, group by group."""
        return [target for group in self.groups for target in group]

    @property
    def size(self) -> int:
        """How many results it will have."""
        return len(self.tasks) * len(self.targets)

    @property
    def parts(self) -> list[Conflicts]:
        """What runs one after the other: everything where it is known what excludes what, else group by group."""
        if self.conflicts is not None:
            return [self.conflicts]
        return [Conflicts(dict.fromkeys(group, frozenset())) for group in self.groups]


class Progress(Protocol):
    """Somebody who watches a run."""

    def began(self, execution_id: str) -> None:
        """The execution exists."""

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """These tasks begin, in this order, on each of these groups of targets."""

    def finished(self, result: TaskResultModel) -> None:
        """A result has been recorded."""


def tell(watcher: Callable[..., None], *news: object) -> None:
    """Tell somebody who watches; that they cannot show it must not end the run."""
    try:
        watcher(*news)
    except Exception as error:  # noqa: BLE001
        logger.warning("the progress of the run could not be shown: %s", error)


class Unwatched:
    """Nobody watches."""

    def began(self, execution_id: str) -> None:
        """Do nothing."""

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """Do nothing."""

    def finished(self, result: TaskResultModel) -> None:
        """Do nothing."""
