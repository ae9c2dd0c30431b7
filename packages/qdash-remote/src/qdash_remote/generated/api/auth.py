"""Operations with the tag `auth`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.people import MeDocument, UserDocument
    from qdash_core.documents.tokens import NewTokenDocument, SessionDocument, TokenDocument
    from qdash_core.resources.requests.accounts import (
        LoginRequest,
        PasswordRequest,
        PreferencesRequest,
        SetUpRequest,
        TokenRequest,
    )
    from qdash_remote.generated.client import AuthenticatedClient, Client


@operation
def set_up_page(*, client: AuthenticatedClient | Client) -> Response[None]:
    """Show the page of a set-up link: the page of the dashboard, or instructions without it."""
    return send_request(client, "GET", "/auth/setup", NoneType)


@operation
def set_up(*, client: AuthenticatedClient | Client, body: SetUpRequest) -> Response[SessionDocument]:
    """Set the password of the user of a set-up link, and log them in. The link is valid once."""
    from qdash_core.documents.tokens import SessionDocument

    return send_request(client, "POST", "/auth/setup", SessionDocument, body=body)


@operation
def log_in(*, client: AuthenticatedClient | Client, body: LoginRequest) -> Response[SessionDocument]:
    """Log in, and return a token that is valid until logout or for some hours."""
    from qdash_core.documents.tokens import SessionDocument

    return send_request(client, "POST", "/auth/login", SessionDocument, body=body)


@operation
def log_out(*, client: AuthenticatedClient) -> Response[None]:
    """Log out: revoke the token of this request."""
    return send_request(client, "POST", "/auth/logout", NoneType, status=204)


@operation
def who_am_i(*, client: AuthenticatedClient) -> Response[MeDocument]:
    """Show the caller, their token, and their role in the project of the request."""
    from qdash_core.documents.people import MeDocument

    return send_request(client, "GET", "/auth/me", MeDocument)


@operation
def set_preferences(
    *, client: AuthenticatedClient, body: PreferencesRequest, if_match: str | Unset = UNSET
) -> Response[UserDocument]:
    """Change the caller's display name, default project, time zone or theme."""
    from qdash_core.documents.people import UserDocument

    return send_request(client, "PATCH", "/auth/me", UserDocument, headers={"if-match": if_match}, body=body)


@operation
def show_own_user(*, client: AuthenticatedClient) -> Response[UserDocument]:
    """Show the caller as a user, with their projects."""
    from qdash_core.documents.people import UserDocument

    return send_request(client, "GET", "/auth/me/user", UserDocument)


@operation
def change_password(*, client: AuthenticatedClient, body: PasswordRequest) -> Response[None]:
    """Change the caller's password, and end their other login sessions."""
    return send_request(client, "PUT", "/auth/password", NoneType, status=204, body=body)


@operation
def list_tokens(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[TokenDocument]]:
    """List the caller's tokens and login sessions, by name."""
    from qdash_core.documents.tokens import TokenDocument

    return send_request(
        client, "GET", "/tokens", page_of(TokenDocument), params={"limit": limit, "after": after}
    )


@operation
def create_token(*, client: AuthenticatedClient, body: TokenRequest) -> Response[NewTokenDocument]:
    """Create a token for the caller, with at most the scope of the current one; its secret is shown once."""
    from qdash_core.documents.tokens import NewTokenDocument

    return send_request(client, "POST", "/tokens", NewTokenDocument, status=201, body=body)


@operation
def revoke_token(name: str, *, client: AuthenticatedClient) -> Response[None]:
    """Revoke a token of the caller."""
    return send_request(client, "DELETE", f"/tokens/{quote_segment(name)}", NoneType, status=204)
