"""Operations with the tag `cooldowns`, and their models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

from qdash_remote.generated.operation import Body, PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    import datetime

    from qdash_core.documents.cooldowns import CooldownChipDocument, CooldownDocument
    from qdash_remote.generated.client import AuthenticatedClient


@define
class CooldownEdit(Body):
    """Corrections of a cool-down; absent fields are unchanged."""

    description: str | None | Unset = UNSET
    started_at: datetime.datetime | None | Unset = UNSET
    ended_at: datetime.datetime | None | Unset = UNSET
    """End of the cool-down; it ends a cool-down in progress."""


@define
class CooldownRequest(Body):
    """Request to start a cool-down, or to record a past one."""

    cooldown_id: str
    cryo_id: str
    description: str | Unset = UNSET
    started_at: datetime.datetime | None | Unset = UNSET
    """Start; absent: now."""
    ended_at: datetime.datetime | None | Unset = UNSET
    """End; absent: still in progress."""
    chip_ids: list[str] | Unset = UNSET


@define
class EndRequest(Body):
    """End of a cool-down."""

    ended_at: datetime.datetime | None | Unset = UNSET
    """Time of the end; absent: now."""


@operation
def list_cooldowns(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[CooldownDocument]]:
    """List the cool-downs of the project, newest first."""
    from qdash_core.documents.cooldowns import CooldownDocument

    return send_request(
        client, "GET", "/cooldowns", page_of(CooldownDocument), params={"limit": limit, "after": after}
    )


@operation
def create_cooldown(*, client: AuthenticatedClient, body: CooldownRequest) -> Response[CooldownDocument]:
    """Start a cool-down, or record a past one."""
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
