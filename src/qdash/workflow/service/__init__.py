"""CalibService, its targets and its steps."""

from qdash_core.flows.service import CalibService, on_flow_cancellation

__all__ = ["CalibService", "on_flow_cancellation"]
