"""Request bodies for users, tokens and projects."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from qdash_builtin.request_parts.given_time import GivenTime
from qdash_core.documents.base import OmitEmpty
from qdash_core.models.fault_limit import ENTRY
from qdash_core.models.project import ProjectRole
from qdash_core.models.token import USUAL_LIFE, TokenScope
from qdash_core.operations.bodies import Body
from qdash_core.operations.command import OnCommandLine
from qdash_core.process.clock import machine_now

Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""Name of a user, a token or a project."""
DisplayName = Annotated[str, StringConstraints(max_length=200), OnCommandLine(metavar="TEXT")]
"""Display name of a user or a project."""
Text = Annotated[str, StringConstraints(max_length=4_000), OnCommandLine(metavar="TEXT")]
_Username = Annotated[Name, OnCommandLine(metavar="USER", is_argument=True)]
_User = Annotated[Name, OnCommandLine(metavar="USER")]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=1_024)]


class SetUpRequest(Body):
    """Request to set a password, with the code of a set-up link."""

    code: Secret
    password: Secret
    full_name: DisplayName | None = None
    """Display name of the user; absent: unchanged."""


class LoginRequest(Body):
    """Credentials of a login."""

    username: Name
    password: Secret


class PasswordRequest(Body):
    """Old and new password."""

    old: Secret
    new: Secret


class NewPasswordRequest(Body):
    """New password of a user."""

    password: Annotated[str, StringConstraints(max_length=1_024)]


class PreferencesRequest(Body):
    """User preferences; absent fields are unchanged, null or an empty text clears a field."""

    full_name: DisplayName | None = None
    default_project_id: Annotated[
        OmitEmpty[Name], Field(title="Default project"), OnCommandLine(metavar="ID")
    ] = None
    """Project of requests and pages that name none; null: none."""
    time_zone: Annotated[OmitEmpty[Name], OnCommandLine(metavar="ZONE")] = None
    """Time zone in which times are shown; null: that of the host, or of the browser."""
    theme: Annotated[
        OmitEmpty[Literal["system", "light", "dark"]], OnCommandLine(help="Theme of the dashboard.")
    ] = None
    """Colour theme; null: that of the system."""
    hides_guide: bool | None = Field(default=None, title="Hide the first steps on the overview")
    """True if the overview of the dashboard leaves out the first steps."""


class TokenRequest(Body):
    """Request to create a token."""

    name: Name
    scope: TokenScope = TokenScope.READ
    expires_at: GivenTime | None = Field(title="Expiry", default_factory=lambda: machine_now() + USUAL_LIFE)
    """Expiry of the token; absent: in 30 days, but not after that of the token of the request; null: never."""


class UserRequest(Body):
    """Request to create a user."""

    username: _Username
    full_name: DisplayName | None = None


class UserEdit(Body):
    """Changes of a user; absent fields are unchanged."""

    full_name: Annotated[
        DisplayName | None, OnCommandLine(metavar="TEXT", help="Full name; empty text removes it.")
    ] = None
    """Display name of the user; null: none."""
    disabled: Annotated[bool, OnCommandLine(is_hidden=True)] = False


class OffBoardingRequest(Body):
    """Permanent off-boarding of a user."""

    to: _User | None = None
    """New owner of the projects that the user owns."""
    force: Annotated[bool, OnCommandLine(help="Confirm; without it the consequences are only shown.")] = False
    """False: only return the consequences; nothing is changed."""


class ProjectRequest(Body):
    """Request to create a project."""

    project_id: Annotated[Name, Field(title="Project id"), OnCommandLine(metavar="PROJECT", is_argument=True)]
    """It is unique on the host, and cannot be changed later."""
    name: DisplayName | None = None
    """Display name; absent: the id of the project."""
    description: Text | None = None
    tags: Annotated[list[Annotated[Name, ENTRY]], Field(max_length=100, title="Labels")] = []


class ProjectEdit(Body):
    """Changes of a project; absent fields are unchanged."""

    name: DisplayName = ""
    description: Text | None = None
    """Description; null: none."""
    tags: Annotated[list[Annotated[Name, ENTRY]], Field(max_length=100, title="Labels")] = []


class TransferRequest(Body):
    """Request to transfer a project to another owner."""

    to: _User
    """Member who becomes the owner."""


class AcceptanceRequest(Body):
    """Request to accept an invitation."""

    project_id: Annotated[Name | None, OnCommandLine(metavar="ID")] = None
    """Project; absent: the only one that has invited the user."""


class InvitationRequest(Body):
    """Invited user, with the intended role."""

    username: _Username
    role: ProjectRole = ProjectRole.EDITOR


class RoleRequest(Body):
    """New role of a member."""

    role: Annotated[ProjectRole, OnCommandLine(is_argument=True)]
