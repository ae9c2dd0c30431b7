"""Execution management layer of the engine."""

from qdash.workflow.engine.execution.service import ExecutionService
from qdash.workflow.engine.execution.state_manager import ExecutionStateManager

__all__ = ["ExecutionService", "ExecutionStateManager"]
