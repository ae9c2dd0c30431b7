"""Task context under the import path of the original."""

from qdash_core.attempts.journal import TaskContext

__all__ = ["TaskContext"]
