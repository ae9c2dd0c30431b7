"""Users, projects and who may do what in them."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

from qdash_core.models.base import Record, UtcDatetime


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a known time zone") from None
    return name


TimeZone = Annotated[str, AfterValidator(_time_zone)]
"""Name of a zone in the time-zone database."""

ZONE_OF_OLDER_HOMES = "Asia/Tokyo"
"""What homes that were made before they had a zone of their own have counted days in."""

DEFAULT_USER = "admin"
DEFAULT_PROJECT = "default"


def command_options(project_id: str, username: str = DEFAULT_USER) -> str:
    """Return the options by which a command acts in a project as a user, a blank before each; none where they go without saying."""
    project = "" if project_id == DEFAULT_PROJECT else f" --project {project_id}"
    return project + ("" if username == DEFAULT_USER else f" --user {username}")


class ProjectRole(StrEnum):
    """What a member may do."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"

    def includes(self, role: "ProjectRole") -> bool:
        """Whether who has this role may do what `role` may: an owner what an editor may, an editor what a viewer may."""
        ranks = list(ProjectRole)
        return ranks.index(self) <= ranks.index(role)


class UserModel(Record):
    """A person or a program that acts."""

    user_id: str
    username: str
    hashed_password: str | None = None
    """None: no password has been set, so nobody can log in under this name."""
    default_project_id: str | None = None
    full_name: str | None = None
    disabled: bool = False
    time_zone: TimeZone | None = None
    """Zone in which this user reads times; None: that of the home."""
    theme: Literal["system", "light", "dark"] = "system"
    """Colours of the dashboard."""

    @classmethod
    def new(cls, username: str, *, now: datetime, project_id: str | None = None) -> Self:
        """Return a user of this name, with an id that no other has."""
        return cls(
            user_id=str(uuid.uuid4()),
            username=username,
            default_project_id=project_id,
            created_at=now,
            updated_at=now,
        )


class ProjectModel(Record):
    """A workspace shared by its members. Everything that belongs to somebody belongs to a project."""

    project_id: str
    owner_user_id: str
    owner_username: str
    name: str
    description: str | None = None
    tags: list[str] = []
    time_zone: TimeZone | None = None
    """Of the project `default`, which is made with the home: the zone of the machine that made it."""


class ProjectMembershipModel(Record):
    """One user's role in one project."""

    project_id: str
    user_id: str
    username: str
    role: ProjectRole
    status: Literal["pending", "active", "revoked"] = "pending"
    invited_by_user_id: str | None = None
    invited_by: str | None = None
    last_accessed_at: UtcDatetime | None = None
    """To the minute."""

    @property
    def active(self) -> bool:
        """Whether the user is a member now: accepted, and not revoked."""
        return self.status == "active"

    @classmethod
    def joined(cls, project_id: str, user: UserModel, role: ProjectRole, *, now: datetime) -> Self:
        """Return the membership of somebody who need not be asked."""
        return cls(
            project_id=project_id,
            user_id=user.user_id,
            username=user.username,
            role=role,
            status="active",
            created_at=now,
            updated_at=now,
        )


class TagModel(Record):
    """A tag that executions of a project carry, or may carry."""

    project_id: str
    username: str
    """Who used it first."""
    name: str


class BackendModel(Record):
    """A backend that chips or executions of a project use, or have used."""

    project_id: str
    username: str
    """Who used it first."""
    name: str
