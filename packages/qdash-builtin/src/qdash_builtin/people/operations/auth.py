"""Operations for login and logout, and for the caller's own password, preferences and tokens."""

from __future__ import annotations

from qdash_builtin.people.feature import LOGINS, TOKENS, USERS
from qdash_builtin.people.requests import (
    LoginRequest,
    PasswordRequest,
    PreferencesRequest,
    SetUpRequest,
    TokenRequest,
)
from qdash_builtin.people.views.people import MeDocument, UserDocument
from qdash_builtin.people.views.tokens import NewTokenDocument, SessionDocument, TokenDocument
from qdash_builtin.request_parts.path_parts import Name
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("auth", place=50)


@operations.post("/auth/setup", needs=RequiredRole.OPEN)
def set_up(call: Call, body: SetUpRequest) -> SessionDocument:
    """Set the password of the user of a set-up link, and log them in. The link is valid once."""
    session = call.qdash.get(LOGINS).set_up(body.code, body.password, full_name=body.full_name)
    call.claim_username(session.token.username)
    return SessionDocument.from_session(session)


@operations.post("/auth/login", needs=RequiredRole.OPEN)
def log_in(call: Call, body: LoginRequest) -> SessionDocument:
    """Log in, and return a token that is valid until logout or for some hours."""
    call.claim_username(body.username)
    return SessionDocument.from_session(
        call.qdash.get(LOGINS).log_in(body.username, body.password, address=call.address)
    )


@operations.post("/auth/logout", needs=RequiredRole.SELF)
def log_out(call: Call) -> None:
    """Log out: revoke the token of this request."""
    call.qdash.get(TOKENS).end(call.caller.token)


@operations.get("/auth/me", needs=RequiredRole.SELF, versioned=True)
def who_am_i(call: Call) -> MeDocument:
    """Show the caller, their token, and their role in the project of the request."""
    found = call.qdash.get(USERS).show(call.username, by=call.username)
    call.set_changed_at(found.user.updated_at, seq=0)
    return MeDocument.from_caller(call.caller, found)


@operations.get("/auth/me/user", needs=RequiredRole.SELF)
def show_own_user(call: Call) -> UserDocument:
    """Show the caller as a user, with their projects."""
    return UserDocument.from_view(call.qdash.get(USERS).show(call.username, by=call.username))


@operations.patch(
    "/auth/me",
    needs=RequiredRole.SELF,
    edits=True,
    command=Command(
        "user prefer",
        help="Change your preferences.\n\n"
        "Preferences without an option do not change; an empty value ('') resets one.",
    ),
)
def set_preferences(call: Call, body: PreferencesRequest) -> UserDocument:
    """Change the caller's display name, default project, time zone, theme or whether the first steps are hidden."""
    given = body.model_dump(exclude_unset=True)
    changed = call.qdash.get(USERS).set_preferences(call.username, as_of=call.as_of, **given)
    call.set_changed_at(changed.user.updated_at, seq=0)
    return UserDocument.from_view(changed)


@operations.put("/auth/password", needs=RequiredRole.SELF)
def change_password(call: Call, body: PasswordRequest) -> None:
    """Change the caller's password, and end their other login sessions."""
    call.qdash.get(LOGINS).change_password(call.caller.token, body.old, body.new, address=call.address)


@operations.get("/tokens", needs=RequiredRole.SELF)
def list_tokens(call: Call) -> PageOf[TokenDocument]:
    """List the caller's tokens, then their login sessions, by name."""
    found = call.qdash.get(TOKENS).page(call.username, call.page, by=call.username)
    return PageOf[TokenDocument].from_page(found, TokenDocument.from_record)


@operations.post("/tokens", needs=RequiredRole.SELF, status=201)
def create_token(call: Call, body: TokenRequest) -> NewTokenDocument:
    """Create a token for the caller, with at most the scope of the current one; its secret is shown once."""
    made = call.qdash.get(TOKENS).create(
        call.username,
        body.name,
        scope=body.scope,
        expires_at=body.expires_at,
        under=call.token,
        limits_to_parent="expires_at" not in body.model_fields_set,
    )
    return NewTokenDocument.from_token(*made)


@operations.delete("/tokens/{name}", needs=RequiredRole.SELF)
def revoke_token(call: Call, name: Name) -> None:
    """Revoke a token of the caller."""
    call.qdash.get(TOKENS).revoke(call.username, name, by=call.username)
