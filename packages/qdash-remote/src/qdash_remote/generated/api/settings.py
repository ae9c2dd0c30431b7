"""Operations with the tag `settings`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import operation, send_request

if TYPE_CHECKING:
    from qdash_core.documents.settings import SettingsDocument
    from qdash_remote.generated.client import AuthenticatedClient
    from qdash_remote.generated.types import Response


@operation
def show_settings(*, client: AuthenticatedClient) -> Response[SettingsDocument]:
    """Show the settings in force, without secrets and file paths."""
    from qdash_core.documents.settings import SettingsDocument

    return send_request(client, "GET", "/settings", SettingsDocument)
