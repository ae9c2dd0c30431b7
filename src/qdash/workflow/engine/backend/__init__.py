"""Hardware abstraction layer of the engine."""

from qdash.workflow.engine.backend.base import BaseBackend
from qdash.workflow.engine.backend.factory import create_backend

__all__ = ["BaseBackend", "create_backend"]
