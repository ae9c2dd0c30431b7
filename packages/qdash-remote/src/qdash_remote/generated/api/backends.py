"""Operations with the tag `backends`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.backends import BackendDocument
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_backends(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[BackendDocument]]:
    """List the backends that are installed or were used in the project."""
    from qdash_core.documents.backends import BackendDocument

    return send_request(
        client, "GET", "/backends", page_of(BackendDocument), params={"limit": limit, "after": after}
    )
