"""Task execution layer of the engine."""

from qdash.workflow.engine.task.context import TaskContext
from qdash.workflow.engine.task.executor import TaskExecutor
from qdash.workflow.engine.task.history_recorder import TaskHistoryRecorder
from qdash.workflow.engine.task.result_processor import ResultProcessor
from qdash.workflow.engine.task.state_manager import TaskStateManager

__all__ = ["ResultProcessor", "TaskContext", "TaskExecutor", "TaskHistoryRecorder", "TaskStateManager"]
