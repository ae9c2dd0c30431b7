"""What steps ask of the tasks that are installed."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.tasks.base import BaseTask

    Tasks = Mapping[tuple[str | None, str], type[BaseTask]]
    """Tasks by backend (None: any) and name."""


def kinds_making(metric: str, tasks: Tasks, catalogue: Catalogue, chip: Callable[[], Chip]) -> frozenset[str]:
    """Return the types of the tasks that make a metric, on whatever backend; none where only the chip has it.

    Parameters
    ----------
    catalogue : Catalogue
        The tasks that the chip's backend has.
    chip : callable
        Returns the chip; called only where none of those makes the metric.

    Raises
    ------
    NotFoundError
        If none of them makes it and the chip has no value of it: to filter by it would leave nothing.
    """
    if metric not in catalogue.makers():
        _require_on_chip(metric, tasks, catalogue, chip())
    return frozenset(task.task_type for task in tasks.values() if metric in task.output_parameters)


def _require_on_chip(metric: str, tasks: Tasks, catalogue: Catalogue, chip: Chip) -> None:
    known = {name for part in (*chip.qubits.values(), *chip.couplings.values()) for name in part.data}
    if metric in known:
        return
    nobody = f"no task makes a value {metric!r}, and chip {chip.header.chip_id} has none"
    makers = [name for name, one in catalogue.missing.items() if metric in one.task.output_parameters]
    if makers:
        raise NotFoundError(f"{nobody}; {makers[0]} {catalogue.why_not(makers[0])}")
    made = {name for task in tasks.values() for name in task.output_parameters}
    near = [one for one in get_close_matches(metric, sorted(made | known), n=3) if one != metric]
    likely = f"did you mean {' or '.join(map(repr, near))}?"
    raise NotFoundError(f"{nobody}; {likely if near else '`qdash task list --json` has those there are'}")
