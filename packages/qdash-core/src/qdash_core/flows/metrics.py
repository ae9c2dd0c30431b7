"""Which tasks make a metric that a step of a flow asks for."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from qdash_core.chips.chip import Chip
    from qdash_core.tasks.base import BaseTask


def kinds_making(metric: str, tasks: Collection[type[BaseTask]], chip: Callable[[], Chip]) -> frozenset[str]:
    """Return the types of the tasks that make a metric; none where only the chip has it.

    Parameters
    ----------
    chip : callable
        Returns the chip; called only where no task makes the metric.

    Raises
    ------
    NotFoundError
        If no task makes it and the chip has no value of it: to filter by it would leave nothing.
    """
    kinds = frozenset(task.task_type for task in tasks if metric in task.output_parameters)
    return kinds or _of_the_chip(metric, tasks, chip())


def _of_the_chip(metric: str, tasks: Collection[type[BaseTask]], chip: Chip) -> frozenset[str]:
    known = {name for part in (*chip.qubits.values(), *chip.couplings.values()) for name in part.data}
    if metric in known:
        return frozenset()
    made = {name for task in tasks for name in task.output_parameters}
    near = get_close_matches(metric, sorted(made | known), n=3)
    likely = f"did you mean {' or '.join(map(repr, near))}?"
    hint = likely if near else "`qdash task list --json` has those there are"
    raise NotFoundError(f"no task makes a value {metric!r}, and chip {chip.header.chip_id} has none; {hint}")
