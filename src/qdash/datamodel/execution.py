"""Executions under the import path of the original."""

from qdash_core.models.execution import ExecutionModel
from qdash_core.models.execution import ExecutionStatus as ExecutionStatusModel

__all__ = ["ExecutionModel", "ExecutionStatusModel"]
