"""Operations with the tag `documentation`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from qdash_remote.generated.operation import operation, send_request

if TYPE_CHECKING:
    from qdash_remote.generated.client import AuthenticatedClient, Client
    from qdash_remote.generated.types import Response


@operation
def openapi_document(*, client: AuthenticatedClient | Client) -> Response[None]:
    """Return the OpenAPI document, from which clients are generated."""
    return send_request(client, "GET", "/openapi.json", NoneType)


@operation
def documentation(*, client: AuthenticatedClient | Client) -> Response[None]:
    """Return the API documentation as a Swagger UI page, which can also send requests."""
    return send_request(client, "GET", "/docs", NoneType)


@operation
def reference(*, client: AuthenticatedClient | Client) -> Response[None]:
    """Return the API reference as a ReDoc page."""
    return send_request(client, "GET", "/redoc", NoneType)
