"""Operations with the tag `cooldowns`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.cooldowns import CooldownChipDocument, CooldownDocument
    from qdash_core.resources.requests.cooldowns import CooldownEdit, CooldownRequest, EndRequest
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_cooldowns(
    *,
    client: AuthenticatedClient,
    cryo_id: str | Unset = UNSET,
    chip_id: str | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[CooldownDocument]]:
    """List the cool-downs of the project, newest first."""
    from qdash_core.documents.cooldowns import CooldownDocument

    return send_request(
        client,
        "GET",
        "/cooldowns",
        page_of(CooldownDocument),
        params={"cryo_id": cryo_id, "chip_id": chip_id, "limit": limit, "after": after},
    )


@operation
def create_cooldown(*, client: AuthenticatedClient, body: CooldownRequest) -> Response[CooldownDocument]:
    """Start a cool-down, or record a past one. Until it ends, everything recorded for its chips carries
    its id."""
    from qdash_core.documents.cooldowns import CooldownDocument

    return send_request(client, "POST", "/cooldowns", CooldownDocument, status=201, body=body)


@operation
def cooldowns_of_chip(
    chip_id: str, *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[CooldownDocument]]:
    """List the cool-downs of a chip, newest first."""
    from qdash_core.documents.cooldowns import CooldownDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/cooldowns",
        page_of(CooldownDocument),
        params={"limit": limit, "after": after},
    )


@operation
def show_cooldown(cooldown_id: str, *, client: AuthenticatedClient) -> Response[CooldownDocument]:
    """Show a cool-down."""
    from qdash_core.documents.cooldowns import CooldownDocument

    return send_request(client, "GET", f"/cooldowns/{quote_segment(cooldown_id)}", CooldownDocument)


@operation
def delete_cooldown(
    cooldown_id: str, *, client: AuthenticatedClient, force: bool | Unset = False
) -> Response[CooldownDocument]:
    """Delete a cool-down without recorded results."""
    from qdash_core.documents.cooldowns import CooldownDocument

    return send_request(
        client,
        "DELETE",
        f"/cooldowns/{quote_segment(cooldown_id)}",
        CooldownDocument,
        params={"force": force},
    )


@operation
def edit_cooldown(
    cooldown_id: str, *, client: AuthenticatedClient, body: CooldownEdit, if_match: str | Unset = UNSET
) -> Response[CooldownDocument]:
    """Correct a cool-down; a new end time ends it."""
    from qdash_core.documents.cooldowns import CooldownDocument

    return send_request(
        client,
        "PATCH",
        f"/cooldowns/{quote_segment(cooldown_id)}",
        CooldownDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def list_cooldown_chips(
    cooldown_id: str, *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[CooldownChipDocument]]:
    """List the chips of a cool-down with the numbers of their executions and results."""
    from qdash_core.documents.cooldowns import CooldownChipDocument

    return send_request(
        client,
        "GET",
        f"/cooldowns/{quote_segment(cooldown_id)}/chips",
        page_of(CooldownChipDocument),
        params={"limit": limit, "after": after},
    )


@operation
def end_cooldown(
    cooldown_id: str,
    *,
    client: AuthenticatedClient,
    body: EndRequest | None | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[CooldownDocument]:
    """End a cool-down, and unload its chips."""
    from qdash_core.documents.cooldowns import CooldownDocument

    return send_request(
        client,
        "POST",
        f"/cooldowns/{quote_segment(cooldown_id)}/end",
        CooldownDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def assign_chip(cooldown_id: str, chip_id: str, *, client: AuthenticatedClient) -> Response[CooldownDocument]:
    """Add a chip to a cool-down."""
    from qdash_core.documents.cooldowns import CooldownDocument

    return send_request(
        client,
        "POST",
        f"/cooldowns/{quote_segment(cooldown_id)}/chips/{quote_segment(chip_id)}",
        CooldownDocument,
    )


@operation
def unassign_chip(
    cooldown_id: str, chip_id: str, *, client: AuthenticatedClient
) -> Response[CooldownDocument]:
    """Remove a chip from a cool-down, as if it had never been in it."""
    from qdash_core.documents.cooldowns import CooldownDocument

    return send_request(
        client,
        "DELETE",
        f"/cooldowns/{quote_segment(cooldown_id)}/chips/{quote_segment(chip_id)}",
        CooldownDocument,
    )
