"""Operations with the tag `provenance`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qdash_remote.generated.operation import operation, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.impacts import ImpactDocument
    from qdash_core.documents.pictures import FigureDocument
    from qdash_core.documents.provenance import ProvenanceDocument
    from qdash_remote.generated.client import AuthenticatedClient

DrawProvenanceDirection = Literal["back", "forward"]
DrawProvenanceOfResultDirection = Literal["back", "forward"]
TraceResultDirection = Literal["back", "forward"]
TraceValueDirection = Literal["back", "forward"]


@operation
def trace_value(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    target: str,
    metric: str,
    direction: TraceValueDirection | Unset = UNSET,
    depth: int | Unset = UNSET,
) -> Response[ProvenanceDocument]:
    """Show what a value in use came from, and what used it."""
    from qdash_core.documents.provenance import ProvenanceDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/provenance",
        ProvenanceDocument,
        params={"target": target, "metric": metric, "direction": direction, "depth": depth},
    )


@operation
def draw_provenance(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    target: str,
    metric: str,
    direction: DrawProvenanceDirection | Unset = UNSET,
    depth: int | Unset = UNSET,
) -> Response[FigureDocument]:
    """Draw what a value in use came from, and what used it."""
    from qdash_core.documents.pictures import FigureDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/provenance-figure",
        FigureDocument,
        params={"target": target, "metric": metric, "direction": direction, "depth": depth},
    )


@operation
def trace_result(
    task_id: str,
    *,
    client: AuthenticatedClient,
    direction: TraceResultDirection | Unset = UNSET,
    depth: int | Unset = UNSET,
) -> Response[ProvenanceDocument]:
    """Show what a result came from, and what used its values."""
    from qdash_core.documents.provenance import ProvenanceDocument

    return send_request(
        client,
        "GET",
        f"/task-results/{quote_segment(task_id)}/provenance",
        ProvenanceDocument,
        params={"direction": direction, "depth": depth},
    )


@operation
def draw_provenance_of_result(
    task_id: str,
    *,
    client: AuthenticatedClient,
    direction: DrawProvenanceOfResultDirection | Unset = UNSET,
    depth: int | Unset = UNSET,
) -> Response[FigureDocument]:
    """Draw what a result came from, and what used its values."""
    from qdash_core.documents.pictures import FigureDocument

    return send_request(
        client,
        "GET",
        f"/task-results/{quote_segment(task_id)}/provenance-figure",
        FigureDocument,
        params={"direction": direction, "depth": depth},
    )


@operation
def show_impact(
    task_id: str, *, client: AuthenticatedClient, metric: list[str] | Unset = UNSET
) -> Response[ImpactDocument]:
    """Show everything that used the values of a result, directly or through other results."""
    from qdash_core.documents.impacts import ImpactDocument

    return send_request(
        client,
        "GET",
        f"/task-results/{quote_segment(task_id)}/impact",
        ImpactDocument,
        params={"metric": metric},
    )
