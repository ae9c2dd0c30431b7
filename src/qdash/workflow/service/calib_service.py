"""CalibService, and how a flow is cancelled."""

from qdash_core.flows.service import CalibService, _is_cancellation, on_flow_cancellation

__all__ = ["CalibService", "_is_cancellation", "on_flow_cancellation"]
