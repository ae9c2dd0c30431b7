"""Operations with the tag `review`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.review import ReviewCountDocument, ReviewItemDocument
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_review(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    qubits: str | Unset = UNSET,
    muxes: str | Unset = UNSET,
    couplings: str | Unset = UNSET,
    task: str | Unset = UNSET,
    metric: str | Unset = UNSET,
    all_: bool | Unset = False,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[ReviewItemDocument]]:
    """List the flagged results of a chip that await a decision, newest first."""
    from qdash_core.documents.review import ReviewItemDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/review",
        page_of(ReviewItemDocument),
        params={
            "qubits": qubits,
            "muxes": muxes,
            "couplings": couplings,
            "task": task,
            "metric": metric,
            "all": all_,
            "limit": limit,
            "after": after,
        },
    )


@operation
def count_review(chip_id: str, *, client: AuthenticatedClient) -> Response[ReviewCountDocument]:
    """Count the flagged results of a chip that await a decision."""
    from qdash_core.documents.review import ReviewCountDocument

    return send_request(client, "GET", f"/chips/{quote_segment(chip_id)}/review-count", ReviewCountDocument)


@operation
def show_review(task_id: str, *, client: AuthenticatedClient) -> Response[ReviewItemDocument]:
    """Show a flagged result with its state, its values beside those in use, and the effect of an
    acceptance."""
    from qdash_core.documents.review import ReviewItemDocument

    return send_request(client, "GET", f"/task-results/{quote_segment(task_id)}/review", ReviewItemDocument)
