"""Task history recorder under the import path of the original."""

from qdash_core.attempts.history_recorder import TaskHistoryRecorder

__all__ = ["TaskHistoryRecorder"]
