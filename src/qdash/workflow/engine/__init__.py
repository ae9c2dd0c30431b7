"""The engine as flows import it."""

from qdash.workflow.engine.schedulers import CRScheduler, OneQubitScheduler
from qdash_core.record.config import CalibConfig
from qdash_core.record.service import ExecutionService
from qdash_core.session.orchestrator import CalibOrchestrator
from qdash_core.tasks.context import TaskContext
from qdash_core.tasks.executor import TaskExecutor
from qdash_core.tasks.history_recorder import TaskHistoryRecorder
from qdash_core.tasks.result_processor import ResultProcessor
from qdash_core.tasks.state_manager import TaskStateManager

__all__ = [
    "CRScheduler",
    "CalibConfig",
    "CalibOrchestrator",
    "ExecutionService",
    "OneQubitScheduler",
    "ResultProcessor",
    "TaskContext",
    "TaskExecutor",
    "TaskHistoryRecorder",
    "TaskStateManager",
]
