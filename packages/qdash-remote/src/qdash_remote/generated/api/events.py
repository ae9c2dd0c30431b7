"""Operations with the tag `events`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    import datetime

    from qdash_core.documents.events import EventDocument
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def recorded_events(
    *,
    client: AuthenticatedClient,
    chip_id: str | Unset = UNSET,
    execution_id: str | Unset = UNSET,
    kind: list[str] | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[EventDocument]]:
    """List the recorded events that are still kept, newest first; a page may have fewer than `limit`."""
    from qdash_core.documents.events import EventDocument

    return send_request(
        client,
        "GET",
        "/events/recorded",
        page_of(EventDocument),
        params={
            "chip_id": chip_id,
            "execution_id": execution_id,
            "kind": kind,
            "since": since,
            "until": until,
            "limit": limit,
            "after": after,
        },
    )
