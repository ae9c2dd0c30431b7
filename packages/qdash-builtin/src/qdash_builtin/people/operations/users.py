"""Operations of users, for administrators."""

from __future__ import annotations

from qdash_builtin.people.feature import LOGINS, TOKENS, USERS
from qdash_builtin.people.operations.auth import list_tokens, show_own_user
from qdash_builtin.people.requests import (
    NewPasswordRequest,
    OffBoardingRequest,
    UserEdit,
    UserRequest,
)
from qdash_builtin.people.views.people import OffBoardingDocument, UserDocument
from qdash_builtin.people.views.tokens import SetUpLinkDocument, TokenDocument
from qdash_builtin.request_parts.path_parts import Name, Username
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("users", place=70)
_ONE = {"username": OnCommandLine(metavar="USER")}


@operations.get("/users", needs=RequiredRole.ADMINISTRATOR, command=Command("user list"))
def list_users(call: Call) -> PageOf[UserDocument]:
    """List all users by name, with their projects."""
    return PageOf[UserDocument].from_page(
        call.qdash.get(USERS).page(call.page, by=call.username), UserDocument.from_view
    )


@operations.post(
    "/users",
    needs=RequiredRole.ADMINISTRATOR,
    status=201,
    creates=True,
    command=Command(
        "user create",
        says="user {username} was created, with project {default_project_id} of their own: "
        "invite them into yours with `qdash member invite {username}`",
    ),
)
def create_user(call: Call, body: UserRequest) -> UserDocument:
    """Create a user with a personal project, which becomes their default project."""
    made = call.qdash.get(USERS).create(body.username, by=call.username, full_name=body.full_name)
    call.record_project(made.owns[0])
    return UserDocument.from_view(made)


@operations.get(
    "/users/{username}",
    needs=RequiredRole.ADMINISTRATOR,
    versioned=True,
    command=Command("user show", help="Show a user; default: yourself.", marks=_ONE, default=show_own_user),
)
def show_user(call: Call, username: Username) -> UserDocument:
    """Show a user, with their projects."""
    found = call.qdash.get(USERS).show(username, by=call.username)
    call.set_changed_at(found.user.updated_at, seq=0)  # their memberships may have changed
    return UserDocument.from_view(found)


@operations.patch(
    "/users/{username}",
    needs=RequiredRole.ADMINISTRATOR,
    edits=True,
    compares="/users/{username}",
    command=Command(
        "user edit",
        help="Change the full name of a user.\n\nThe user name cannot change, because every record refers to it.",
    ),
)
def edit_user(call: Call, username: Username, body: UserEdit) -> UserDocument:
    """Change the display name of a user, or disable or enable them."""
    given = body.model_dump(exclude_unset=True)
    changed = call.qdash.get(USERS).edit(username, by=call.username, as_of=call.as_of, **given)
    call.set_changed_at(changed.user.updated_at, seq=0)
    return UserDocument.from_view(changed)


@operations.post(
    "/users/{username}/setup-link",
    needs=RequiredRole.ADMINISTRATOR,
    status=201,
    command=Command(
        "user link",
        help="Create a one-time link for setting a user's password. It replaces any earlier link.\n\n"
        "Only the link is written to standard output. It leads to the dashboard of QDASH_DASHBOARD_URL, or to the host of "
        "QDASH_API_URL (at home with QDASH_PROFILE=local).",
    ),
)
def invite_to_set_up(call: Call, username: Username) -> SetUpLinkDocument:
    """Create a single-use link with which a user sets their password; an earlier link becomes invalid."""
    link = call.qdash.get(LOGINS).make_link(username, by=call.username)
    return SetUpLinkDocument.from_link(link, call.qdash.settings)


@operations.post(
    "/users/{username}/off-boarding",
    needs=RequiredRole.ADMINISTRATOR,
    compares="/users/{username}",
    command=Command(
        "user off-board",
        help="Off-board a user permanently.\n\nThe user is disabled, memberships and tokens are revoked, and runs are "
        "cancelled. Records stay. Projects that the user owns must be transferred first, or go to the user of --to.",
    ),
)
def off_board(call: Call, username: Username, body: OffBoardingRequest) -> OffBoardingDocument:
    """Off-board a user: disable the account, revoke memberships and tokens; their records stay. Without `force` only show the consequences."""
    done = call.qdash.get(USERS).off_board(username, by=call.username, to=body.to, force=body.force)
    return OffBoardingDocument.from_off_boarding(done)


@operations.put("/users/{username}/password", needs=RequiredRole.ADMINISTRATOR, compares="/users/{username}")
def set_password(call: Call, username: Username, body: NewPasswordRequest) -> UserDocument:
    """Set the password of a user, and end their login sessions."""
    call.qdash.get(USERS).set_password(username, body.password, by=call.username)
    return UserDocument.from_view(call.qdash.get(USERS).show(username, by=call.username))


@operations.get(
    "/users/{username}/tokens",
    needs=RequiredRole.ADMINISTRATOR,
    command=Command(
        "token list",
        help="List the tokens and login sessions of a user; default: your own.",
        empty="no tokens yet: create one with `qdash token create`",
        marks=_ONE,
        default=list_tokens,
    ),
)
def list_tokens_of(call: Call, username: Username) -> PageOf[TokenDocument]:
    """List the tokens of a user, then their login sessions, by name."""
    found = call.qdash.get(TOKENS).page(username, call.page, by=call.username)
    return PageOf[TokenDocument].from_page(found, TokenDocument.from_record)


@operations.delete("/users/{username}/tokens/{name}", needs=RequiredRole.ADMINISTRATOR)
def revoke_token_of(call: Call, username: Username, name: Name) -> None:
    """Revoke a token of a user."""
    call.qdash.get(TOKENS).revoke(username, name, by=call.username)
