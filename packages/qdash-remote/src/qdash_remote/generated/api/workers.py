"""Operations with the tag `workers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.queue import WorkerDocument
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_workers(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[WorkerDocument]]:
    """List the live workers of the store, on all machines."""
    from qdash_core.documents.queue import WorkerDocument

    return send_request(
        client, "GET", "/workers", page_of(WorkerDocument), params={"limit": limit, "after": after}
    )
