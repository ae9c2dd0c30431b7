"""Scheduling layer of the engine."""

from qdash.workflow.engine.scheduler.cr_scheduler import CRScheduler
from qdash.workflow.engine.scheduler.one_qubit_scheduler import OneQubitScheduler
from qdash_scheduling.orderings import BOX_A, BOX_B, BOX_MIXED

__all__ = ["BOX_A", "BOX_B", "BOX_MIXED", "CRScheduler", "OneQubitScheduler"]
