"""Operations of the core, performed at an HTTP host."""

from qdash_remote.answer_stream import ask
from qdash_remote.connection import Connection, connect
from qdash_remote.event_stream import Gap, follow
from qdash_remote.problems import HostError

__all__ = ["Connection", "Gap", "HostError", "ask", "connect", "follow"]
