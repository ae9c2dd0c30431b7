"""Base class of tasks under the import path of the original."""

from qdash_core.models.estimates import Parameter
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.base import BaseTask, RunContext, TaskOutput
from qdash_core.tasks.parameters import InputParameter, OutputParameter
from qdash_core.tasks.run_parameters import RunParameter

__all__ = [
    "BaseTask",
    "InputParameter",
    "OutputParameter",
    "Parameter",
    "RawData",
    "RunContext",
    "RunParameter",
    "TaskOutput",
]
