"""A client of the HTTP host: operations that are generated from its OpenAPI document, over the documents of the core."""

from qdash_client.connection import connect
from qdash_client.following import Gap, follow
from qdash_client.paging import every
from qdash_client.problems import HostError

__all__ = ["Gap", "HostError", "connect", "every", "follow"]
