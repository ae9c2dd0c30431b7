from qdash_core.models.execution import ExecutionModel as ExecutionModel
from qdash_core.models.execution import ExecutionStatus as ExecutionStatus
