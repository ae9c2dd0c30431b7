"""CalibService, its targets and its steps."""

from qdash_core.flows.service import CalibService

__all__ = ["CalibService"]
