"""Operations with the tag `workers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_client.generated.operation import PageOf, operation, send_request
from qdash_client.generated.types import UNSET, Response, Unset
from qdash_core.documents.queue import WorkerDocument

if TYPE_CHECKING:
    from qdash_client.generated.client import AuthenticatedClient

PageOfWorkerDocument = PageOf[WorkerDocument]


@operation
def list_workers(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOfWorkerDocument]:
    """List the live workers of the store, on all machines."""
    return send_request(
        client, "GET", "/workers", PageOfWorkerDocument, params={"limit": limit, "after": after}
    )
