"""Task executor under the import path of the original."""

from qdash_core.attempts.executor import TaskExecutor

__all__ = ["TaskExecutor"]
