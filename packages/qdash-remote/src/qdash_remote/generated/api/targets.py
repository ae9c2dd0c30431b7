"""Operations with the tag `targets`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.chips import TargetStatusDocument, TargetStatusesDocument
    from qdash_core.documents.targets import CouplingDocument, QubitDocument
    from qdash_core.resources.requests.chips import ExclusionRequest, TargetStatusesRequest
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_qubits(
    chip_id: str, *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[QubitDocument]]:
    """List the qubits of a chip, without their values."""
    from qdash_core.documents.targets import QubitDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/qubits",
        page_of(QubitDocument),
        params={"limit": limit, "after": after},
    )


@operation
def list_couplings(
    chip_id: str, *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[CouplingDocument]]:
    """List the couplings of a chip, without their values."""
    from qdash_core.documents.targets import CouplingDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/couplings",
        page_of(CouplingDocument),
        params={"limit": limit, "after": after},
    )


@operation
def show_qubit(chip_id: str, qid: str, *, client: AuthenticatedClient) -> Response[QubitDocument]:
    """Show a qubit with its values, and the newest result of each task on it."""
    from qdash_core.documents.targets import QubitDocument

    return send_request(
        client, "GET", f"/chips/{quote_segment(chip_id)}/qubits/{quote_segment(qid)}", QubitDocument
    )


@operation
def show_coupling(
    chip_id: str, coupling_id: str, *, client: AuthenticatedClient
) -> Response[CouplingDocument]:
    """Show a coupling with its values, and the newest result of each task on it."""
    from qdash_core.documents.targets import CouplingDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/couplings/{quote_segment(coupling_id)}",
        CouplingDocument,
    )


@operation
def exclude_qubit(
    chip_id: str, qid: str, *, client: AuthenticatedClient, body: ExclusionRequest
) -> Response[TargetStatusDocument]:
    """Exclude a qubit from the measurements of flows, or mark it as dead."""
    from qdash_core.documents.chips import TargetStatusDocument

    return send_request(
        client,
        "POST",
        f"/chips/{quote_segment(chip_id)}/qubits/{quote_segment(qid)}/exclusion",
        TargetStatusDocument,
        body=body,
    )


@operation
def include_qubit(
    chip_id: str, qid: str, *, client: AuthenticatedClient, note: str
) -> Response[TargetStatusDocument]:
    """Include a qubit in the measurements of flows again."""
    from qdash_core.documents.chips import TargetStatusDocument

    return send_request(
        client,
        "DELETE",
        f"/chips/{quote_segment(chip_id)}/qubits/{quote_segment(qid)}/exclusion",
        TargetStatusDocument,
        params={"note": note},
    )


@operation
def exclude_coupling(
    chip_id: str, coupling_id: str, *, client: AuthenticatedClient, body: ExclusionRequest
) -> Response[TargetStatusDocument]:
    """Exclude a coupling from the measurements of flows, or mark it as dead."""
    from qdash_core.documents.chips import TargetStatusDocument

    return send_request(
        client,
        "POST",
        f"/chips/{quote_segment(chip_id)}/couplings/{quote_segment(coupling_id)}/exclusion",
        TargetStatusDocument,
        body=body,
    )


@operation
def include_coupling(
    chip_id: str, coupling_id: str, *, client: AuthenticatedClient, note: str
) -> Response[TargetStatusDocument]:
    """Include a coupling in the measurements of flows again."""
    from qdash_core.documents.chips import TargetStatusDocument

    return send_request(
        client,
        "DELETE",
        f"/chips/{quote_segment(chip_id)}/couplings/{quote_segment(coupling_id)}/exclusion",
        TargetStatusDocument,
        params={"note": note},
    )


@operation
def set_target_statuses(
    chip_id: str, *, client: AuthenticatedClient, body: TargetStatusesRequest
) -> Response[TargetStatusesDocument]:
    """Exclude several qubits and couplings, mark them as dead, or include them again: all of them, or
    none."""
    from qdash_core.documents.chips import TargetStatusesDocument

    return send_request(
        client, "POST", f"/chips/{quote_segment(chip_id)}/target-statuses", TargetStatusesDocument, body=body
    )
