"""Client of the HTTP host, with operations generated from its OpenAPI document."""

from qdash_client.answer_stream import ask
from qdash_client.connection import connect
from qdash_client.event_stream import Gap, follow
from qdash_client.paging import every
from qdash_client.problems import HostError

__all__ = ["Gap", "HostError", "ask", "connect", "every", "follow"]
