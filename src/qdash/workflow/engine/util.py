"""Current time under the import path of the original."""

from qdash_core.process.clock import utc_now as get_current_timestamp

__all__ = ["get_current_timestamp"]
