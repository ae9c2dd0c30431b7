"""Client of the HTTP host, with operations generated from its OpenAPI document."""

from qdash_remote.answer_stream import ask
from qdash_remote.connection import connect
from qdash_remote.event_stream import Gap, follow
from qdash_remote.paging import every
from qdash_remote.problems import HostError

__all__ = ["Gap", "HostError", "ask", "connect", "every", "follow"]
