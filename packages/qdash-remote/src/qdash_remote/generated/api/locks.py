"""Operations with the tag `locks`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import operation, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.locks import LocksDocument, ReleasedDocument
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_locks(*, client: AuthenticatedClient) -> Response[LocksDocument]:
    """List the locks on the instruments of the project's chips, by runs of any project."""
    from qdash_core.documents.locks import LocksDocument

    return send_request(client, "GET", "/locks", LocksDocument)


@operation
def release_locks(
    *,
    client: AuthenticatedClient,
    force: bool | Unset = False,
    execution_id: str | Unset = UNSET,
    reason: str | Unset = "",
) -> Response[ReleasedDocument]:
    """Release the locks of all runs of the project; 409 with the holders if a run may be alive, unless
    forced."""
    from qdash_core.documents.locks import ReleasedDocument

    return send_request(
        client,
        "DELETE",
        "/locks",
        ReleasedDocument,
        params={"force": force, "execution_id": execution_id, "reason": reason},
    )


@operation
def release_lock(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    force: bool | Unset = False,
    execution_id: str | Unset = UNSET,
    reason: str | Unset = "",
) -> Response[ReleasedDocument]:
    """Release the locks on a chip's instrument; 409 with the holder if its run may be alive, unless
    forced."""
    from qdash_core.documents.locks import ReleasedDocument

    return send_request(
        client,
        "DELETE",
        f"/locks/{quote_segment(chip_id)}",
        ReleasedDocument,
        params={"force": force, "execution_id": execution_id, "reason": reason},
    )
