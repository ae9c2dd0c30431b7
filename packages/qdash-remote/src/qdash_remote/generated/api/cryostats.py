"""Operations with the tag `cryostats`, and their models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import define

from qdash_remote.generated.operation import Body, PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    import datetime

    from qdash_core.documents.cooldowns import CooldownDocument, CryostatDocument
    from qdash_remote.generated.client import AuthenticatedClient

CryostatStatus = Literal["active", "decommissioned", "maintenance"]


@define
class CryostatEdit(Body):
    """Changes of a cryostat; absent fields are unchanged, null clears a time."""

    name: str | Unset = UNSET
    manufacturer: str | Unset = UNSET
    model: str | Unset = UNSET
    location: str | Unset = UNSET
    status: CryostatStatus | Unset = UNSET
    """Operational status of a cryostat."""
    commissioned_at: datetime.datetime | None | Unset = UNSET
    decommissioned_at: datetime.datetime | None | Unset = UNSET


@define
class CryostatRequest(Body):
    """Request to register a cryostat."""

    cryo_id: str
    name: str | Unset = UNSET
    manufacturer: str | Unset = UNSET
    model: str | Unset = UNSET
    location: str | Unset = UNSET
    status: CryostatStatus | Unset = UNSET
    """Operational status of a cryostat."""
    commissioned_at: datetime.datetime | None | Unset = UNSET
    decommissioned_at: datetime.datetime | None | Unset = UNSET


@operation
def list_cryostats(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[CryostatDocument]]:
    """List the cryostats of the project, by id."""
    from qdash_core.documents.cooldowns import CryostatDocument

    return send_request(
        client, "GET", "/cryostats", page_of(CryostatDocument), params={"limit": limit, "after": after}
    )


@operation
def create_cryostat(*, client: AuthenticatedClient, body: CryostatRequest) -> Response[CryostatDocument]:
    """Register a cryostat."""
    from qdash_core.documents.cooldowns import CryostatDocument

    return send_request(client, "POST", "/cryostats", CryostatDocument, status=201, body=body)


@operation
def show_cryostat(cryo_id: str, *, client: AuthenticatedClient) -> Response[CryostatDocument]:
    """Show a cryostat."""
    from qdash_core.documents.cooldowns import CryostatDocument

    return send_request(client, "GET", f"/cryostats/{quote_segment(cryo_id)}", CryostatDocument)


@operation
def delete_cryostat(
    cryo_id: str, *, client: AuthenticatedClient, force: bool | Unset = False
) -> Response[CryostatDocument]:
    """Delete a cryostat without cool-downs."""
    from qdash_core.documents.cooldowns import CryostatDocument

    return send_request(
        client, "DELETE", f"/cryostats/{quote_segment(cryo_id)}", CryostatDocument, params={"force": force}
    )


@operation
def edit_cryostat(
    cryo_id: str, *, client: AuthenticatedClient, body: CryostatEdit, if_match: str | Unset = UNSET
) -> Response[CryostatDocument]:
    """Change fields of a cryostat; absent fields are unchanged."""
    from qdash_core.documents.cooldowns import CryostatDocument

    return send_request(
        client,
        "PATCH",
        f"/cryostats/{quote_segment(cryo_id)}",
        CryostatDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def cooldowns_of_cryostat(
    cryo_id: str, *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[CooldownDocument]]:
    """List the cool-downs of a cryostat, newest first."""
    from qdash_core.documents.cooldowns import CooldownDocument

    return send_request(
        client,
        "GET",
        f"/cryostats/{quote_segment(cryo_id)}/cooldowns",
        page_of(CooldownDocument),
        params={"limit": limit, "after": after},
    )
