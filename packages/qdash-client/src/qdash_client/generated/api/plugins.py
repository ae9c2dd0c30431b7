"""Operations with the tag `plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_client.generated.operation import PageOf, operation, send_request
from qdash_client.generated.types import UNSET, Response, Unset
from qdash_core.documents.plugins import PluginDocument

if TYPE_CHECKING:
    from qdash_client.generated.client import AuthenticatedClient

PageOfPluginDocument = PageOf[PluginDocument]


@operation
def list_plugins(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOfPluginDocument]:
    """List the installed plugins, each with what it provides or why it was disabled."""
    return send_request(
        client, "GET", "/plugins", PageOfPluginDocument, params={"limit": limit, "after": after}
    )
