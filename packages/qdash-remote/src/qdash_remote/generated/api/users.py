"""Operations with the tag `users`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.people import OffBoardingDocument, UserDocument
    from qdash_core.documents.tokens import SetUpLinkDocument, TokenDocument
    from qdash_core.resources.requests.accounts import OffBoardingRequest, UserEdit, UserRequest
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_users(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[UserDocument]]:
    """List all users by name, with their projects."""
    from qdash_core.documents.people import UserDocument

    return send_request(
        client, "GET", "/users", page_of(UserDocument), params={"limit": limit, "after": after}
    )


@operation
def create_user(*, client: AuthenticatedClient, body: UserRequest) -> Response[UserDocument]:
    """Create a user with a personal project, which becomes their default project."""
    from qdash_core.documents.people import UserDocument

    return send_request(client, "POST", "/users", UserDocument, status=201, body=body)


@operation
def show_user(username: str, *, client: AuthenticatedClient) -> Response[UserDocument]:
    """Show a user, with their projects."""
    from qdash_core.documents.people import UserDocument

    return send_request(client, "GET", f"/users/{quote_segment(username)}", UserDocument)


@operation
def edit_user(
    username: str, *, client: AuthenticatedClient, body: UserEdit, if_match: str | Unset = UNSET
) -> Response[UserDocument]:
    """Change the display name of a user, or disable or enable them."""
    from qdash_core.documents.people import UserDocument

    return send_request(
        client,
        "PATCH",
        f"/users/{quote_segment(username)}",
        UserDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def invite_to_set_up(username: str, *, client: AuthenticatedClient) -> Response[SetUpLinkDocument]:
    """Create a single-use link with which a user sets their password; an earlier link becomes invalid."""
    from qdash_core.documents.tokens import SetUpLinkDocument

    return send_request(
        client, "POST", f"/users/{quote_segment(username)}/setup-link", SetUpLinkDocument, status=201
    )


@operation
def off_board(
    username: str, *, client: AuthenticatedClient, body: OffBoardingRequest
) -> Response[OffBoardingDocument]:
    """Off-board a user: disable the account, revoke memberships and tokens; their records stay. Without
    `force` only show the consequences."""
    from qdash_core.documents.people import OffBoardingDocument

    return send_request(
        client, "POST", f"/users/{quote_segment(username)}/off-boarding", OffBoardingDocument, body=body
    )


@operation
def list_tokens_of(
    username: str, *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[TokenDocument]]:
    """List the tokens and login sessions of a user, by name."""
    from qdash_core.documents.tokens import TokenDocument

    return send_request(
        client,
        "GET",
        f"/users/{quote_segment(username)}/tokens",
        page_of(TokenDocument),
        params={"limit": limit, "after": after},
    )


@operation
def revoke_token_of(username: str, name: str, *, client: AuthenticatedClient) -> Response[None]:
    """Revoke a token of a user."""
    return send_request(
        client,
        "DELETE",
        f"/users/{quote_segment(username)}/tokens/{quote_segment(name)}",
        NoneType,
        status=204,
    )
