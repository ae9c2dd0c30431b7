"""How long an execution took: on the wall, and in a laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionHead


class Clocks(TypedDict, total=False):
    """Both times, in seconds; neither while it goes on."""

    wall_s: float
    lab_s: float


def clocks_of(execution: ExecutionHead) -> Clocks:
    """Return the times of an execution that has them.

    Where the backend keeps no time of its own, the wall's is the laboratory's.
    """
    if execution.elapsed_time is None:
        return {}
    wall, lab = execution.elapsed_time, execution.lab_seconds
    return {"wall_s": wall, "lab_s": wall if lab is None else lab}
