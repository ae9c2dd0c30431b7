"""Operations with the tag `backends`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_client.generated.operation import PageOf, operation, send_request
from qdash_client.generated.types import UNSET, Response, Unset
from qdash_core.documents.backends import BackendDocument

if TYPE_CHECKING:
    from qdash_client.generated.client import AuthenticatedClient

PageOfBackendDocument = PageOf[BackendDocument]


@operation
def list_backends(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOfBackendDocument]:
    """List the backends that are installed or were used in the project."""
    return send_request(
        client, "GET", "/backends", PageOfBackendDocument, params={"limit": limit, "after": after}
    )
