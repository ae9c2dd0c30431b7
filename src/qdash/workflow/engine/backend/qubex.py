"""Backend for QuEL instruments under the import path of the original; its plugin is looked up when the name is first used."""

from qdash.workflow.engine.backend.base import BaseBackend
from qdash.workflow.engine.backend.factory import get_backend_class

__all__ = ["QubexBackend"]

QubexBackend: type[BaseBackend]


def __getattr__(name: str) -> type[BaseBackend]:
    if name != "QubexBackend":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return get_backend_class("qubex")
