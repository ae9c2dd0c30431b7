"""Models of executions under the import path of the original."""

from qdash.datamodel.execution import ExecutionModel, ExecutionStatusModel
from qdash_core.models.execution import StageModel

__all__ = ["ExecutionModel", "ExecutionStatusModel", "StageModel"]
