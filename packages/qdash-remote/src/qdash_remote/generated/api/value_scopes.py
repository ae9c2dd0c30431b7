"""Operations with the tag `value_scopes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.value_scopes import ValueScopeDocument, ValueScopeHeader
    from qdash_core.resources.requests.value_changes import ClosingRequest
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_value_scopes(
    chip_id: str, *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[ValueScopeHeader]]:
    """List the value scopes of a chip, newest first."""
    from qdash_core.documents.value_scopes import ValueScopeHeader

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/value-scopes",
        page_of(ValueScopeHeader),
        params={"limit": limit, "after": after},
    )


@operation
def show_value_scope(chip_id: str, name: str, *, client: AuthenticatedClient) -> Response[ValueScopeDocument]:
    """Show the values and statuses of a scope compared with those of the chip."""
    from qdash_core.documents.value_scopes import ValueScopeDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/value-scopes/{quote_segment(name)}",
        ValueScopeDocument,
    )


@operation
def commit_value_scope(
    chip_id: str,
    name: str,
    *,
    client: AuthenticatedClient,
    body: ClosingRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[ValueScopeDocument]:
    """Make the values and statuses of a scope the chip's, as one value event. Values of the chip that were
    measured later stay."""
    from qdash_core.documents.value_scopes import ValueScopeDocument

    return send_request(
        client,
        "POST",
        f"/chips/{quote_segment(chip_id)}/value-scopes/{quote_segment(name)}/commit",
        ValueScopeDocument,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def discard_value_scope(
    chip_id: str,
    name: str,
    *,
    client: AuthenticatedClient,
    body: ClosingRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[ValueScopeHeader]:
    """Close a scope without changing values of the chip."""
    from qdash_core.documents.value_scopes import ValueScopeHeader

    return send_request(
        client,
        "POST",
        f"/chips/{quote_segment(chip_id)}/value-scopes/{quote_segment(name)}/discard",
        ValueScopeHeader,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )
