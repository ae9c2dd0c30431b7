"""Contract of strategies for every installed strategy."""

from __future__ import annotations

from qdash_scheduling.orderings import ORDERINGS
from qdash_scheduling.strategies import COLOURINGS
from qdash_testing import SchedulerContract


def _class_name(name: str) -> str:
    return "Test" + "".join(word.capitalize() for word in name.split("-"))


# One test class for each strategy of the core: a new strategy is tested without a change here.
globals().update(
    {
        _class_name(scheduler.name): type(
            _class_name(scheduler.name), (SchedulerContract,), {"scheduler": scheduler}
        )
        for scheduler in (*COLOURINGS, *ORDERINGS)
    }
)
