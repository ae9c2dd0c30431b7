"""Plugin with the scheduling strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.plugin_markers import hookimpl

if TYPE_CHECKING:
    from qdash_core.scheduling.colouring import Scheduler


@hookimpl
def qdash_schedulers() -> list[Scheduler]:
    from qdash_scheduling.orderings import ORDERINGS
    from qdash_scheduling.strategies import COLOURINGS

    return [*COLOURINGS, *ORDERINGS]
