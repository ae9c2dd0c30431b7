"""Operations with the tag `logs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.executions import LogPartDocument
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def execution_log(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    since: int | Unset = 0,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[LogPartDocument]]:
    """Return the log of an execution. To follow it, repeat the request with `since` set to the last `seq`."""
    from qdash_core.documents.executions import LogPartDocument

    return send_request(
        client,
        "GET",
        f"/executions/{quote_segment(execution_id)}/log",
        page_of(LogPartDocument),
        params={"since": since, "limit": limit, "after": after},
    )
