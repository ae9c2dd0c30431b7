"""What steps ask of the tasks that are installed."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.tasks.base import BaseTask

    Tasks = Mapping[tuple[str | None, str], type[BaseTask]]
    """Tasks by backend (None: any) and name."""


def installed(names: Sequence[str], tasks: Tasks, *, backend: str) -> list[str]:
    """Return those of these tasks that a backend has."""
    return [name for name in names if (backend, name) in tasks or (None, name) in tasks]


def kinds_making(metric: str, tasks: Tasks, chip: Callable[[], Chip]) -> frozenset[str]:
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
    kinds = frozenset(task.task_type for task in tasks.values() if metric in task.output_parameters)
    if not kinds:
        _require_on_chip(metric, tasks, chip())
    return kinds


def _require_on_chip(metric: str, tasks: Tasks, chip: Chip) -> None:
    known = {name for part in (*chip.qubits.values(), *chip.couplings.values()) for name in part.data}
    if metric in known:
        return
    made = {name for task in tasks.values() for name in task.output_parameters}
    near = get_close_matches(metric, sorted(made | known), n=3)
    likely = f"did you mean {' or '.join(map(repr, near))}?"
    hint = likely if near else "`qdash task list --json` has those there are"
    raise NotFoundError(f"no task makes a value {metric!r}, and chip {chip.header.chip_id} has none; {hint}")
