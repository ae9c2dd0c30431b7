"""Engine under the import path of the original."""

from qdash.workflow.engine.config import CalibConfig
from qdash.workflow.engine.execution import ExecutionService, ExecutionStateManager
from qdash.workflow.engine.orchestrator import CalibOrchestrator
from qdash.workflow.engine.scheduler import CRScheduler, OneQubitScheduler
from qdash.workflow.engine.task import (
    ResultProcessor,
    TaskContext,
    TaskExecutor,
    TaskHistoryRecorder,
    TaskStateManager,
)

__all__ = [
    "CRScheduler",
    "CalibConfig",
    "CalibOrchestrator",
    "ExecutionService",
    "ExecutionStateManager",
    "OneQubitScheduler",
    "ResultProcessor",
    "TaskContext",
    "TaskExecutor",
    "TaskHistoryRecorder",
    "TaskStateManager",
]
