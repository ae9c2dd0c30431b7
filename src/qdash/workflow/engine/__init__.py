"""The engine as flows import it."""

from qdash.workflow.engine.executions import ExecutionService
from qdash.workflow.engine.schedulers import CRScheduler, OneQubitScheduler
from qdash_core.attempts.executor import TaskExecutor
from qdash_core.attempts.history_recorder import TaskHistoryRecorder
from qdash_core.attempts.journal import TaskContext
from qdash_core.attempts.result_processor import ResultProcessor
from qdash_core.attempts.state_manager import TaskStateManager
from qdash_core.record.config import CalibConfig
from qdash_core.session.orchestrator import CalibOrchestrator

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
