"""Old import path of `WorkerContext`."""

from qdash_core.moved_names import moved

__getattr__ = moved(__name__, {"Work": "qdash_core.runs.worker:WorkerContext"})
