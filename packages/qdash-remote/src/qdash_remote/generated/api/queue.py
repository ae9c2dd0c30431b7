"""Operations with the tag `queue`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.chip_runs import ChipRunsDocument
    from qdash_core.documents.queue import QueueChangeDocument, QueueChangesDocument, QueueEntryDocument
    from qdash_core.resources.requests.runs import QueueChange, QueueChanges
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_queue(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[QueueEntryDocument]]:
    """List the waiting and running runs, in the order in which they start."""
    from qdash_core.documents.queue import QueueEntryDocument

    return send_request(
        client, "GET", "/queue", page_of(QueueEntryDocument), params={"limit": limit, "after": after}
    )


@operation
def change_queue(*, client: AuthenticatedClient, body: QueueChanges) -> Response[QueueChangesDocument]:
    """Move, hold, release or remove several waiting runs at once: all of them, or none."""
    from qdash_core.documents.queue import QueueChangesDocument

    return send_request(client, "PATCH", "/queue", QueueChangesDocument, body=body)


@operation
def show_queue_entry(execution_id: str, *, client: AuthenticatedClient) -> Response[QueueEntryDocument]:
    """Show a waiting or running run."""
    from qdash_core.documents.queue import QueueEntryDocument

    return send_request(client, "GET", f"/queue/{quote_segment(execution_id)}", QueueEntryDocument)


@operation
def remove_from_queue(execution_id: str, *, client: AuthenticatedClient) -> Response[QueueChangeDocument]:
    """Remove a waiting run from the queue: a new run is cancelled, a resumed one keeps its earlier status."""
    from qdash_core.documents.queue import QueueChangeDocument

    return send_request(client, "DELETE", f"/queue/{quote_segment(execution_id)}", QueueChangeDocument)


@operation
def change_queue_entry(
    execution_id: str, *, client: AuthenticatedClient, body: QueueChange, if_match: str | Unset = UNSET
) -> Response[QueueEntryDocument]:
    """Move a waiting run in the queue, hold it, or release it."""
    from qdash_core.documents.queue import QueueEntryDocument

    return send_request(
        client,
        "PATCH",
        f"/queue/{quote_segment(execution_id)}",
        QueueEntryDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def runs_on_chip(chip_id: str, *, client: AuthenticatedClient) -> Response[ChipRunsDocument]:
    """Show the runs on a chip, the locks on its instruments, and the runs that wait for it."""
    from qdash_core.documents.chip_runs import ChipRunsDocument

    return send_request(client, "GET", f"/chips/{quote_segment(chip_id)}/runs", ChipRunsDocument)
