"""Operations with the tag `host`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from qdash_remote.generated.operation import operation, send_request

if TYPE_CHECKING:
    from qdash_core.documents.backups import BackupStatusDocument
    from qdash_remote.generated.client import AuthenticatedClient
    from qdash_remote.generated.types import Response


@operation
def prometheus(*, client: AuthenticatedClient) -> Response[None]:
    """Return the counters of the host and of the assistant, and the state of the home, for Prometheus."""
    return send_request(client, "GET", "/prometheus", NoneType)


@operation
def show_last_backup(*, client: AuthenticatedClient) -> Response[BackupStatusDocument]:
    """Show the last complete backup of the store, with its age."""
    from qdash_core.documents.backups import BackupStatusDocument

    return send_request(client, "GET", "/backups/last", BackupStatusDocument)
