"""Operations with the tag `exports`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, File, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.exchange import FormatDocument, ImportDocument
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_formats(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[FormatDocument]]:
    """List the installed formats for the import and export of chips, with their abilities."""
    from qdash_core.documents.exchange import FormatDocument

    return send_request(
        client, "GET", "/formats", page_of(FormatDocument), params={"limit": limit, "after": after}
    )


@operation
def export_chip(
    chip_id: str,
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
    """Export a chip with its accepted values as a file. JSON and YAML can be imported again."""
    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/export",
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


@operation
def import_values(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    body: File,
    name: str,
    format_: str | Unset = UNSET,
    only: list[str] | Unset = UNSET,
    older: bool | Unset = False,
    write: bool | Unset = False,
) -> Response[ImportDocument]:
    """Compare values in a file with those of a chip; `write` imports the differences as task results."""
    from qdash_core.documents.exchange import ImportDocument

    return send_request(
        client,
        "POST",
        f"/chips/{quote_segment(chip_id)}/import",
        ImportDocument,
        params={"name": name, "format": format_, "only": only, "older": older, "write": write},
        body=body,
    )
