"""Scheduler of couplings with the strategies of every plugin, on the store of the current settings."""

from qdash.workflow.engine.scheduler.plugin_scheduler import PluginScheduler
from qdash_core.scheduling import cr_scheduler


class CRScheduler(PluginScheduler, cr_scheduler.CRScheduler):
    """Scheduler of couplings of a chip, with the strategies of every plugin."""

    kind = "coupling"
