"""Operations with the tag `cryostats`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.cooldowns import CooldownDocument, CryostatDocument
    from qdash_core.resources.requests.entities import CryostatEdit, CryostatRequest
    from qdash_remote.generated.client import AuthenticatedClient


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
