"""Duration of an execution, as elapsed time of the home and as laboratory time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionHead


class Clocks(TypedDict, total=False):
    """Both durations in seconds; empty while the execution is running."""

    wall_s: float
    lab_s: float


def make_clocks(execution: ExecutionHead) -> Clocks:
    """Return the durations of an execution that has ended.

    If the backend keeps no time of its own, the elapsed time is the laboratory time. With a simulated clock, the elapsed time
    is the advance of the clock of the home.
    """
    if execution.elapsed_time is None:
        return {}
    wall, lab = execution.elapsed_time, execution.lab_seconds
    return {"wall_s": wall, "lab_s": wall if lab is None else lab}
