"""Operations with the tag `releases`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.comparisons import PointComparisonDocument
    from qdash_core.documents.releases import ReleaseDocument, ReleaseHeader
    from qdash_core.resources.requests.releases import ReleaseRequest
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_releases(
    chip_id: str, *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[ReleaseHeader]]:
    """List the releases of a chip, newest first."""
    from qdash_core.documents.releases import ReleaseHeader

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/releases",
        page_of(ReleaseHeader),
        params={"limit": limit, "after": after},
    )


@operation
def create_release(
    chip_id: str, *, client: AuthenticatedClient, body: ReleaseRequest, idempotency_key: str | Unset = UNSET
) -> Response[ReleaseHeader]:
    """Create a release of the accepted values of a chip, with its design, wiring and metrics file."""
    from qdash_core.documents.releases import ReleaseHeader

    return send_request(
        client,
        "POST",
        f"/chips/{quote_segment(chip_id)}/releases",
        ReleaseHeader,
        status=201,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def compare_releases(
    chip_id: str, *, client: AuthenticatedClient, first: str, second: str | Unset = "now"
) -> Response[PointComparisonDocument]:
    """Compare two releases, or a release with the present chip."""
    from qdash_core.documents.comparisons import PointComparisonDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/release-comparison",
        PointComparisonDocument,
        params={"first": first, "second": second},
    )


@operation
def show_release(chip_id: str, name: str, *, client: AuthenticatedClient) -> Response[ReleaseDocument]:
    """Show the values of a release."""
    from qdash_core.documents.releases import ReleaseDocument

    return send_request(
        client, "GET", f"/chips/{quote_segment(chip_id)}/releases/{quote_segment(name)}", ReleaseDocument
    )


@operation
def delete_release(chip_id: str, name: str, *, client: AuthenticatedClient) -> Response[ReleaseHeader]:
    """Delete a release. The values of the chip stay."""
    from qdash_core.documents.releases import ReleaseHeader

    return send_request(
        client, "DELETE", f"/chips/{quote_segment(chip_id)}/releases/{quote_segment(name)}", ReleaseHeader
    )


@operation
def export_release(
    chip_id: str,
    name: str,
    *,
    client: AuthenticatedClient,
    format_: str | Unset = "json",
    device_name: str | Unset = UNSET,
    device_id: str | Unset = UNSET,
    qubits: list[str] | Unset = UNSET,
    exclude: list[str] | Unset = UNSET,
    min_qubit_fidelity: float | Unset = UNSET,
    min_readout_fidelity: float | Unset = UNSET,
    min_coupling_fidelity: float | Unset = UNSET,
    max_age: str | Unset = UNSET,
    without_marks: list[str] | Unset = UNSET,
    largest_part: bool | Unset = False,
    with_unfit: bool | Unset = False,
) -> Response[None]:
    """Export the chip of a release as a file."""
    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/releases/{quote_segment(name)}/export",
        NoneType,
        params={
            "format": format_,
            "device_name": device_name,
            "device_id": device_id,
            "qubits": qubits,
            "exclude": exclude,
            "min_qubit_fidelity": min_qubit_fidelity,
            "min_readout_fidelity": min_readout_fidelity,
            "min_coupling_fidelity": min_coupling_fidelity,
            "max_age": max_age,
            "without_marks": without_marks,
            "largest_part": largest_part,
            "with_unfit": with_unfit,
        },
    )
