"""Operations with the tag `chips`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, File, Response, Unset

if TYPE_CHECKING:
    import datetime

    from qdash_core.documents.chip_days import ChipDayDocument, ChipDayHeader
    from qdash_core.documents.chips import ChipDesignDocument, ChipDocument, ChipHeader, DeletionDocument
    from qdash_core.documents.comparisons import PointComparisonDocument
    from qdash_core.documents.layouts import WiringDocument
    from qdash_core.documents.specifications import SpecificationDocument
    from qdash_core.documents.trends import ChipTrendsDocument
    from qdash_core.resources.requests.chips import ChipEdit, ChipRequest, DesignRequest, SpecificationRequest
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_chips(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[ChipHeader]]:
    """List the chips of the project, newest first."""
    from qdash_core.documents.chips import ChipHeader

    return send_request(client, "GET", "/chips", page_of(ChipHeader), params={"limit": limit, "after": after})


@operation
def create_chip(*, client: AuthenticatedClient, body: ChipRequest) -> Response[ChipDocument]:
    """Create a chip from a topology, with its wiring and design values, if given."""
    from qdash_core.documents.chips import ChipDocument

    return send_request(client, "POST", "/chips", ChipDocument, status=201, body=body)


@operation
def import_chip(
    *, client: AuthenticatedClient, body: File, chip_id: str | Unset = UNSET
) -> Response[ChipDocument]:
    """Create a chip with its values from an export in JSON or YAML."""
    from qdash_core.documents.chips import ChipDocument

    return send_request(
        client, "POST", "/chips/import", ChipDocument, status=201, params={"chip_id": chip_id}, body=body
    )


@operation
def show_chip(chip_id: str, *, client: AuthenticatedClient) -> Response[ChipDocument]:
    """Show a chip with its qubits and couplings."""
    from qdash_core.documents.chips import ChipDocument

    return send_request(client, "GET", f"/chips/{quote_segment(chip_id)}", ChipDocument)


@operation
def delete_chip(
    chip_id: str, *, client: AuthenticatedClient, force: bool | Unset = False
) -> Response[DeletionDocument]:
    """Delete a chip with its values. Its runs stay on record."""
    from qdash_core.documents.chips import DeletionDocument

    return send_request(
        client, "DELETE", f"/chips/{quote_segment(chip_id)}", DeletionDocument, params={"force": force}
    )


@operation
def edit_chip(
    chip_id: str, *, client: AuthenticatedClient, body: ChipEdit, if_match: str | Unset = UNSET
) -> Response[ChipHeader]:
    """Change the topology of a chip, or its note."""
    from qdash_core.documents.chips import ChipHeader

    return send_request(
        client,
        "PATCH",
        f"/chips/{quote_segment(chip_id)}",
        ChipHeader,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def deletion_impact(chip_id: str, *, client: AuthenticatedClient) -> Response[DeletionDocument]:
    """Show what the deletion of a chip would delete, and what it would keep."""
    from qdash_core.documents.chips import DeletionDocument

    return send_request(client, "GET", f"/chips/{quote_segment(chip_id)}/deletion-impact", DeletionDocument)


@operation
def chip_wiring(chip_id: str, *, client: AuthenticatedClient) -> Response[WiringDocument]:
    """Show the wiring of a chip."""
    from qdash_core.documents.layouts import WiringDocument

    return send_request(client, "GET", f"/chips/{quote_segment(chip_id)}/wiring", WiringDocument)


@operation
def set_wiring(
    chip_id: str, *, client: AuthenticatedClient, body: WiringDocument, if_match: str | Unset = UNSET
) -> Response[ChipHeader]:
    """Replace the wiring of a chip."""
    from qdash_core.documents.chips import ChipHeader

    return send_request(
        client,
        "PUT",
        f"/chips/{quote_segment(chip_id)}/wiring",
        ChipHeader,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def chip_design(chip_id: str, *, client: AuthenticatedClient) -> Response[ChipDesignDocument]:
    """Show the design values of a chip that its tasks use: those stored with it and those of its backend."""
    from qdash_core.documents.chips import ChipDesignDocument

    return send_request(client, "GET", f"/chips/{quote_segment(chip_id)}/design", ChipDesignDocument)


@operation
def set_design(
    chip_id: str, *, client: AuthenticatedClient, body: DesignRequest, if_match: str | Unset = UNSET
) -> Response[ChipDesignDocument]:
    """Set design values of a chip; other stored design values stay."""
    from qdash_core.documents.chips import ChipDesignDocument

    return send_request(
        client,
        "PATCH",
        f"/chips/{quote_segment(chip_id)}/design",
        ChipDesignDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def chip_specification(chip_id: str, *, client: AuthenticatedClient) -> Response[SpecificationDocument]:
    """Show the specification of a chip: the limits that are asked of its values."""
    from qdash_core.documents.specifications import SpecificationDocument

    return send_request(
        client, "GET", f"/chips/{quote_segment(chip_id)}/specification", SpecificationDocument
    )


@operation
def ask_specification(
    chip_id: str, *, client: AuthenticatedClient, body: SpecificationRequest, if_match: str | Unset = UNSET
) -> Response[SpecificationDocument]:
    """Set or remove limits of the values of a chip."""
    from qdash_core.documents.specifications import SpecificationDocument

    return send_request(
        client,
        "PATCH",
        f"/chips/{quote_segment(chip_id)}/specification",
        SpecificationDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def proposed_specification(chip_id: str, *, client: AuthenticatedClient) -> Response[SpecificationDocument]:
    """Show limits derived from the first values of a chip."""
    from qdash_core.documents.specifications import SpecificationDocument

    return send_request(
        client, "GET", f"/chips/{quote_segment(chip_id)}/specification/proposal", SpecificationDocument
    )


@operation
def accept_specification(chip_id: str, *, client: AuthenticatedClient) -> Response[SpecificationDocument]:
    """Set the limits that are derived from the first values of a chip; those of other metrics stay."""
    from qdash_core.documents.specifications import SpecificationDocument

    return send_request(
        client,
        "POST",
        f"/chips/{quote_segment(chip_id)}/specification/proposal/acceptance",
        SpecificationDocument,
    )


@operation
def list_chip_days(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    before: datetime.date | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[ChipDayHeader]]:
    """List the days with daily copies of a chip, newest first."""
    from qdash_core.documents.chip_days import ChipDayHeader

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/days",
        page_of(ChipDayHeader),
        params={"before": before, "limit": limit, "after": after},
    )


@operation
def show_chip_on_day(
    chip_id: str, day: datetime.date, *, client: AuthenticatedClient
) -> Response[ChipDayDocument]:
    """Show the values and statuses of a chip at the end of a day."""
    from qdash_core.documents.chip_days import ChipDayDocument

    return send_request(
        client, "GET", f"/chips/{quote_segment(chip_id)}/days/{quote_segment(day)}", ChipDayDocument
    )


@operation
def compare_chip_days(
    chip_id: str, day: datetime.date, other_day: datetime.date, *, client: AuthenticatedClient
) -> Response[PointComparisonDocument]:
    """Compare the values and statuses of a chip at the end of two days."""
    from qdash_core.documents.comparisons import PointComparisonDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/days/{quote_segment(day)}/comparison/{quote_segment(other_day)}",
        PointComparisonDocument,
    )


@operation
def compare_points(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    before: str,
    after: str | Unset = "now",
    qubits: str | Unset = UNSET,
    muxes: str | Unset = UNSET,
    couplings: str | Unset = UNSET,
    metric: list[str] | Unset = UNSET,
) -> Response[PointComparisonDocument]:
    """Compare a chip at two points in time, or with another chip of the project, the most significant
    changes first."""
    from qdash_core.documents.comparisons import PointComparisonDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/comparison",
        PointComparisonDocument,
        params={
            "before": before,
            "after": after,
            "qubits": qubits,
            "muxes": muxes,
            "couplings": couplings,
            "metric": metric,
        },
    )


@operation
def compare_points_of_project(
    *,
    client: AuthenticatedClient,
    before: str,
    after: str | Unset = "now",
    chip: str | Unset = UNSET,
    qubits: str | Unset = UNSET,
    muxes: str | Unset = UNSET,
    couplings: str | Unset = UNSET,
    metric: list[str] | Unset = UNSET,
) -> Response[PointComparisonDocument]:
    """Compare two points in time that name their chips, or concern the only chip of the project."""
    from qdash_core.documents.comparisons import PointComparisonDocument

    return send_request(
        client,
        "GET",
        "/comparison",
        PointComparisonDocument,
        params={
            "before": before,
            "after": after,
            "chip": chip,
            "qubits": qubits,
            "muxes": muxes,
            "couplings": couplings,
            "metric": metric,
        },
    )


@operation
def chip_trends(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    target: list[str] | Unset = UNSET,
    metric: list[str] | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Response[ChipTrendsDocument]:
    """Show change points, drift and excess spread of the accepted values of a chip, worst first."""
    from qdash_core.documents.trends import ChipTrendsDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/trends",
        ChipTrendsDocument,
        params={
            "target": target,
            "metric": metric,
            "cooldown_id": cooldown_id,
            "since": since,
            "until": until,
        },
    )
