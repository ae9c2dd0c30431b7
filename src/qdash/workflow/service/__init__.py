"""CalibService, its targets and its steps."""

from qdash.workflow.service.calib_service import CalibService, on_flow_cancellation

__all__ = ["CalibService", "on_flow_cancellation"]
