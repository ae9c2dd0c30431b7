"""Task definitions and results under the names of the original.

`TaskResultModel` is there the collection of an execution's results; one result is a `BaseTaskResultModel`.
"""

from typing import Literal

from qdash_core.attempts.journal import CalibData as CalibDataModel
from qdash_core.attempts.journal import TaskResults as TaskResultModel
from qdash_core.models.chip import ParameterModel
from qdash_core.models.task import RunParameterModel, TaskModel
from qdash_core.models.task import TaskResultModel as BaseTaskResultModel
from qdash_core.models.task import TaskStatus as TaskStatusModel

__all__ = [
    "BaseTaskResultModel",
    "CalibDataModel",
    "CouplingTaskModel",
    "GlobalTaskModel",
    "ParameterModel",
    "QubitTaskModel",
    "RunParameterModel",
    "SystemTaskModel",
    "TaskModel",
    "TaskResultModel",
    "TaskStatusModel",
]


class SystemTaskModel(BaseTaskResultModel):
    """Result of a task on the instruments."""

    task_type: Literal["system"] = "system"


class GlobalTaskModel(BaseTaskResultModel):
    """Result of a task on the whole chip."""

    task_type: Literal["global"] = "global"


class QubitTaskModel(BaseTaskResultModel):
    """Result of a task on a qubit."""

    task_type: Literal["qubit"] = "qubit"


class CouplingTaskModel(BaseTaskResultModel):
    """Result of a task on a coupling."""

    task_type: Literal["coupling"] = "coupling"
