"""Every strategy that is installed keeps the contract of strategies."""

from __future__ import annotations

from qdash_core.scheduling.orderings import ORDERINGS
from qdash_core.scheduling.strategies import COLOURINGS
from qdash_core.testing import SchedulerContract


def _class_name(name: str) -> str:
    return "Test" + "".join(word.capitalize() for word in name.split("-"))


# One class of tests for each strategy that the core gives: a new one is held to the contract without a line here.
globals().update(
    {
        _class_name(scheduler.name): type(
            _class_name(scheduler.name), (SchedulerContract,), {"scheduler": scheduler}
        )
        for scheduler in (*COLOURINGS, *ORDERINGS)
    }
)
