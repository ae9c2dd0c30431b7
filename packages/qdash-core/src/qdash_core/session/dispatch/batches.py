"""Several targets in one measurement: batches of those that do not exclude each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.scheduling.conflicts import Conflicts
from qdash_core.session.dispatch.lanes import run_in_lanes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.session.dispatch.plan_run import PlanRun


def run_in_batches(run: PlanRun, conflicts: Conflicts, order: Sequence[str], *, lanes: int | None) -> None:
    """Run the plan on one batch after the other, in each the tasks in order.

    A batch is all that can be measured together. So whatever is left excludes some of it, and nothing waits for a
    batch that could begin before its end. Tasks that are not simultaneous run in lanes.

    Parameters
    ----------
    order : sequence of str
        The targets; a batch begins with the first that is left.
    lanes : int or None
        Targets of a batch on which a task that is not simultaneous runs at once; None: no limit.
    """
    waiting = list(order)
    while waiting:
        batch = together(conflicts, waiting)
        waiting = [target for target in waiting if target not in batch]
        for number in run.numbers:
            if run.plan.tasks[number].task.simultaneous:
                run.run_together(number, batch)
            else:
                free = Conflicts(dict.fromkeys(batch, frozenset()), lanes)
                run_in_lanes(run, free, batch, numbers=[number])


def together(conflicts: Conflicts, order: Sequence[str]) -> list[str]:
    """Return the targets that can be measured at once with the first, those that come first preferred."""
    found: list[str] = []
    for target in order:
        if len(found) == conflicts.max_parallel:
            break
        if not conflicts.neighbours[target].intersection(found):
            found.append(target)
    return found
