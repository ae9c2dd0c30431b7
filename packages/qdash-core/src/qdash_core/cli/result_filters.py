"""Options that leave some of a run's results: those of these targets, and of these tasks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from qdash_core.application import QDash
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel


@dataclass(frozen=True, slots=True)
class ResultFilter:
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
        self, qdash: QDash, execution: ExecutionModel, results: Iterable[TaskResultModel]
    ) -> list[TaskResultModel]:
        """Return those results of a run that are wanted.

        Raises
        ------
        NotFoundError
            If the run has none of one of the targets or tasks.
        """
        from qdash_core.models.targets import by_number

        found, where = list(results), f"execution {execution.execution_id}"
        if self.targets:
            _require(self.targets, sorted({one.qid for one in found if one.qid}, key=by_number), where)
            found = [one for one in found if one.qid in self.targets]
        if self.tasks:
            ran = list(dict.fromkeys(one.name for one in found))
            names = [name if name in ran else _called(name, qdash) for name in self.tasks]
            _require(names, ran, where)
            found = [one for one in found if one.name in names]
        return found


def _called(name: str, qdash: QDash) -> str:
    """Return the name that results of a task carry that may be called by an alias."""
    named = (task.name for task in qdash.registry.tasks().values() if name in task.aliases)
    return next(named, name)


def _require(wanted: Iterable[str], known: Sequence[str], where: str) -> None:
    from qdash_core.errors import NotFoundError

    for one in wanted:
        if one not in known:
            raise NotFoundError(f"{where} has no result of {one} (there are: {', '.join(known) or 'none'})")


def result_filter(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options `--qids`, `--couplings` and `--task`, and what they say as `only`."""

    @wraps(command)
    def filtered(
        *args: Any, qids: str | None, couplings: str | None, tasks: tuple[str, ...], **options: Any
    ) -> Any:
        from qdash_core.models.targets import parse_couplings, parse_qubits

        qubits = () if qids is None else parse_qubits(qids)
        pairs = () if couplings is None else parse_couplings(couplings)
        return command(*args, only=ResultFilter((*qubits, *pairs), tasks), **options)

    for option in (
        click.option("--task", "tasks", multiple=True, metavar="NAME", help="Only results of this task."),
        click.option("--couplings", metavar="0-1,..", help="Only results on these couplings."),
        click.option("--qids", metavar="0,1,..", help="Only results on these qubits."),
    ):
        filtered = option(filtered)
    return filtered
