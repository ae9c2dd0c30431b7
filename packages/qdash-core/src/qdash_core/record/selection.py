"""Some of the results of a run: those on some targets, and of some tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from qdash_core.models.task import TaskResultModel


@dataclass(frozen=True, slots=True)
class ResultSelection:
    """What is wanted of a run.

    Parameters
    ----------
    targets : tuple of str
        Qubits and couplings; empty: every target, and the chip as a whole.
    tasks : tuple of str
        Names or aliases of tasks; empty: all.
    """

    targets: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.targets or self.tasks)

    def of(
        self, results: Iterable[TaskResultModel], *, where: str, task_name: Callable[[str], str]
    ) -> list[TaskResultModel]:
        """Return those of these results that are wanted.

        Parameters
        ----------
        where : str
            Whose results they are, for messages.
        task_name : callable
            Tells the name of a task that is called by an alias, and returns any other name as it is.

        Raises
        ------
        NotFoundError
            If there is none of one of the targets or tasks.
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
        return found


def _require(wanted: Iterable[str], known: Sequence[str], where: str) -> None:
    for one in wanted:
        if one not in known:
            raise NotFoundError(f"{where} has no result of {one} (there are: {', '.join(known) or 'none'})")
