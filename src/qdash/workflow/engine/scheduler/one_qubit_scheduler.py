"""Scheduler of qubits with the strategies of every plugin, on the store of the current settings."""

from qdash.workflow.engine.scheduler.plugin_scheduler import PluginScheduler
from qdash_core.scheduling import one_qubit_scheduler


class OneQubitScheduler(PluginScheduler, one_qubit_scheduler.OneQubitScheduler):
    """Scheduler of qubits of a chip, with the strategies of every plugin."""

    kind = "qubit"
