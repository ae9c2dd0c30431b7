"""Bodies of requests about people, their tokens and their projects."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from qdash_api.requests.body import Body
from qdash_api.requests.moments import Moment
from qdash_core.models.base import utc_now
from qdash_core.models.faults import ENTRY
from qdash_core.models.project import ProjectRole
from qdash_core.models.token import USUAL_LIFE, TokenScope

Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""Of a user, a token or a project."""
Said = Annotated[str, StringConstraints(max_length=200)]
"""What people call somebody or something."""
Text = Annotated[str, StringConstraints(max_length=4_000)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=1_024)]
_EXAMPLE_PASSWORD = "correct horse battery staple"  # noqa: S105  of nobody


class SetUpRequest(Body):
    """The code of a set-up link, and what the password is to be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"code": "Zm9yIGV4YW1wbGUsIG5vdCBhIHNlY3JldA", "password": _EXAMPLE_PASSWORD}]
        }
    )

    code: Secret
    password: Secret
    full_name: Said | None = None
    """What people call the user; absent: as before."""


class LoginRequest(Body):
    """Who logs in, and what they know."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"username": "alice", "password": _EXAMPLE_PASSWORD}]}
    )

    username: Name
    password: Secret


class PasswordRequest(Body):
    """The password as it is, and as it is to be."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"old": _EXAMPLE_PASSWORD, "new": "tin clock under eleven rivers"}]}
    )

    old: Secret
    new: Secret


class PreferencesRequest(Body):
    """What a user says of themselves; what is absent stays, null takes it away."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"time_zone": "Europe/Zurich", "theme": "dark"}]}
    )

    full_name: Said | None = None
    default_project_id: Name | None = None
    time_zone: Name | None = None
    theme: Literal["system", "light", "dark"] | None = None
    """Null: that of the system."""


class TokenRequest(Body):
    """A token to be made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "night-shift", "scope": "write", "expires_at": "2027-01-01T00:00:00Z"}]
        }
    )

    name: Name
    scope: TokenScope = TokenScope.READ
    expires_at: Moment | None = Field(default_factory=lambda: utc_now() + USUAL_LIFE)
    """Absent: in 30 days; null: never."""


class UserRequest(Body):
    """A user to be made."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"username": "alice", "full_name": "Alice Liddell"}]}
    )

    username: Name
    full_name: Said | None = None


class UserEdit(Body):
    """What is changed of a user; what is absent stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"disabled": True}]})

    full_name: Said | None = None
    """Null: none."""
    disabled: bool = False


class OffBoardingRequest(Body):
    """Somebody goes for good."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "olga", "force": True}]})

    to: Name | None = None
    """Who takes over the projects that they own."""
    force: bool = False
    """False: what would end is only said, by a conflict."""


class ProjectRequest(Body):
    """A project to be made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"project_id": "lab", "name": "Cold lab", "description": "Everything below 4 K"}]
        }
    )

    project_id: Name
    name: Said | None = None
    """Absent: its id."""
    description: Text | None = None
    tags: Annotated[list[Annotated[Name, ENTRY]], Field(max_length=100)] = []


class ProjectEdit(Body):
    """What is changed of a project; what is absent stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Colder lab"}]})

    name: Said = ""
    description: Text | None = None
    """Null: none."""
    tags: Annotated[list[Annotated[Name, ENTRY]], Field(max_length=100)] = []


class TransferRequest(Body):
    """Who is to own a project."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "alice"}]})

    to: Name


class InvitationRequest(Body):
    """Who is invited, and what they are to be."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"username": "alice", "role": "editor"}]})

    username: Name
    role: ProjectRole = ProjectRole.EDITOR


class RoleRequest(Body):
    """What a member is to be."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "viewer"}]})

    role: ProjectRole
