"""Base class of backends under the import path of the original."""

from qdash_core.backends.base import BackendContext, BaseBackend

__all__ = ["BackendContext", "BaseBackend"]
