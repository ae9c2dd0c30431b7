"""The task contract."""

from qdash_core.tasks.base import BaseTask, RawData, RunContext, TaskOutput
from qdash_core.tasks.parameters import InputParameter, OutputParameter, Parameter
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
