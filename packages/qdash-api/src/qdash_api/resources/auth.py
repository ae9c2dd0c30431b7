"""Routes for login and logout, and for the caller's own password, preferences and tokens."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from qdash_api.html.set_up_page import SET_UP_PAGE
from qdash_api.middleware.security_headers import PAGE_POLICY
from qdash_api.pages import PageOf
from qdash_api.requests.accounts import (
    LoginRequest,
    PasswordRequest,
    PreferencesRequest,
    SetUpRequest,
    TokenRequest,
)
from qdash_api.routing.call import Call
from qdash_api.routing.path_parts import Name
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.documents.people import MeDocument, UserDocument
from qdash_core.documents.tokens import NewTokenDocument, SessionDocument, TokenDocument

routes = Routes("auth")


@routes.get("/auth/setup", needs=RequiredRole.OPEN, media_type="text/html")
def set_up_page(call: Call) -> Response:
    """Show the page of a set-up link: the page of the dashboard, or instructions without it."""
    if dashboard := call.qdash.settings.dashboard_url:
        return RedirectResponse(f"{dashboard}/setup", 303)  # browsers keep the part after `#`
    return Response(SET_UP_PAGE, media_type="text/html", headers={"content-security-policy": PAGE_POLICY})


@routes.post("/auth/setup", needs=RequiredRole.OPEN, answers=SessionDocument)
def set_up(call: Call, body: SetUpRequest) -> SessionDocument:
    """Set the password of the user of a set-up link, and log them in. The link is valid once."""
    session = call.qdash.logins.set_up(body.code, body.password, full_name=body.full_name)
    call.claim_username(session.token.username)
    return SessionDocument.from_session(session)


@routes.post("/auth/login", needs=RequiredRole.OPEN, answers=SessionDocument)
def log_in(call: Call, body: LoginRequest) -> SessionDocument:
    """Log in, and return a token that is valid until logout or for some hours."""
    call.claim_username(body.username)
    return SessionDocument.from_session(
        call.qdash.logins.log_in(body.username, body.password, address=call.address)
    )


@routes.post("/auth/logout", needs=RequiredRole.SELF)
def log_out(call: Call) -> None:
    """Log out: revoke the token of this request."""
    call.qdash.tokens.end(call.caller.token)


@routes.get("/auth/me", needs=RequiredRole.SELF, answers=MeDocument, versioned=True)
def who_am_i(call: Call) -> MeDocument:
    """Show the caller, their token, and their role in the project of the request."""
    found = call.qdash.users.show(call.username, by=call.username)
    call.set_changed_at(found.user.updated_at, seq=0)
    return MeDocument.from_caller(call.caller, found)


@routes.patch("/auth/me", needs=RequiredRole.SELF, answers=UserDocument, edits=True)
def set_preferences(call: Call, body: PreferencesRequest) -> UserDocument:
    """Change the caller's display name, default project, time zone or theme."""
    given = body.model_dump(exclude_unset=True)
    changed = call.qdash.users.set_preferences(call.username, as_of=call.as_of, **given)
    call.set_changed_at(changed.user.updated_at, seq=0)
    return UserDocument.from_view(changed)


@routes.put("/auth/password", needs=RequiredRole.SELF)
def change_password(call: Call, body: PasswordRequest) -> None:
    """Change the caller's password, and end their other login sessions."""
    call.qdash.logins.change_password(call.caller.token, body.old, body.new, address=call.address)


@routes.get("/tokens", needs=RequiredRole.SELF, answers=PageOf[TokenDocument])
def list_tokens(call: Call) -> PageOf[TokenDocument]:
    """List the caller's tokens and login sessions, by name."""
    found = call.qdash.tokens.page(call.username, call.page, by=call.username)
    return PageOf[TokenDocument].from_page(found, TokenDocument.from_record)


@routes.post("/tokens", needs=RequiredRole.SELF, answers=NewTokenDocument, status=201)
def create_token(call: Call, body: TokenRequest) -> NewTokenDocument:
    """Create a token for the caller, with at most the scope of the current one; its secret is shown once."""
    made = call.qdash.tokens.create(
        call.username, body.name, scope=body.scope, expires_at=body.expires_at, under=call.caller.token
    )
    return NewTokenDocument.from_token(*made)


@routes.delete("/tokens/{name}", needs=RequiredRole.SELF)
def revoke_token(call: Call, name: Name) -> None:
    """Revoke a token of the caller."""
    call.qdash.tokens.revoke(call.username, name, by=call.username)
