"""Scheduling strategies under the import path of the original; plugins add others by `qdash_schedulers`."""

from qdash_core.scheduling.colouring import Colouring, Scheduler
from qdash_scheduling.orderings import (
    BoxStrategy,
    CheckerboardStrategy,
    SynchronizedStrategy,
    UncoupledStrategy,
)
from qdash_scheduling.strategies import (
    BestStrategy,
    BipartiteStrategy,
    ExactStrategy,
    LargestFirstStrategy,
    SaturationStrategy,
)

__all__ = [
    "BestStrategy",
    "BipartiteStrategy",
    "BoxStrategy",
    "CheckerboardStrategy",
    "Colouring",
    "ExactStrategy",
    "LargestFirstStrategy",
    "SaturationStrategy",
    "Scheduler",
    "SynchronizedStrategy",
    "UncoupledStrategy",
]
