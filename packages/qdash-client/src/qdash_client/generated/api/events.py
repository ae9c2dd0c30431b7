"""Operations with the tag `events`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_client.generated.operation import PageOf, operation, send_request
from qdash_client.generated.types import UNSET, Response, Unset
from qdash_core.documents.events import EventDocument

if TYPE_CHECKING:
    from qdash_client.generated.client import AuthenticatedClient

PageOfEventDocument = PageOf[EventDocument]


@operation
def recorded_events(
    *,
    client: AuthenticatedClient,
    chip_id: str | Unset = UNSET,
    execution_id: str | Unset = UNSET,
    kind: list[str] | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOfEventDocument]:
    """List the recorded events that are still kept, newest first."""
    return send_request(
        client,
        "GET",
        "/events/recorded",
        PageOfEventDocument,
        params={
            "chip_id": chip_id,
            "execution_id": execution_id,
            "kind": kind,
            "limit": limit,
            "after": after,
        },
    )
