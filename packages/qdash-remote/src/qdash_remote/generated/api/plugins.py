"""Operations with the tag `plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.plugins import PluginDocument
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_plugins(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[PluginDocument]]:
    """List the installed plugins, each with what it provides or why it was disabled."""
    from qdash_core.documents.plugins import PluginDocument

    return send_request(
        client, "GET", "/plugins", page_of(PluginDocument), params={"limit": limit, "after": after}
    )
