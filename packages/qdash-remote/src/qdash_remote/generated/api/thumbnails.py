"""Operations with the tag `thumbnails`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import operation, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.pictures import ThumbnailDocument, ThumbnailsDocument
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def chip_thumbnails(
    chip_id: str, *, client: AuthenticatedClient, task: str, targets: str | Unset = UNSET
) -> Response[ThumbnailsDocument]:
    """Draw a thumbnail of the newest finished result of a task on every target of a chip."""
    from qdash_core.documents.pictures import ThumbnailsDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/thumbnails",
        ThumbnailsDocument,
        params={"task": task, "targets": targets},
    )


@operation
def result_thumbnail(task_id: str, *, client: AuthenticatedClient) -> Response[ThumbnailDocument]:
    """Draw a thumbnail of a task result."""
    from qdash_core.documents.pictures import ThumbnailDocument

    return send_request(client, "GET", f"/task-results/{quote_segment(task_id)}/thumbnail", ThumbnailDocument)
