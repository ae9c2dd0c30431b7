"""Operations of the core, performed at an HTTP host.

Names are resolved when they are first used, so that `qdash --help` does not pay for the client.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qdash_remote.answer_stream import ask as ask
    from qdash_remote.connection import Connection as Connection
    from qdash_remote.connection import connect as connect
    from qdash_remote.event_stream import Gap as Gap
    from qdash_remote.event_stream import follow as follow
    from qdash_remote.problems import HostError as HostError

_MODULES = {
    "Connection": "connection",
    "Gap": "event_stream",
    "HostError": "problems",
    "ask": "answer_stream",
    "connect": "connection",
    "follow": "event_stream",
}

__all__ = ["Connection", "Gap", "HostError", "ask", "connect", "follow"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"qdash_remote.{_MODULES[name]}"), name)
