"""Users, projects and memberships."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

from qdash_core.models.base import Record, UtcDatetime, Value


def _check_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a known time zone") from None
    return name


TimeZone = Annotated[str, AfterValidator(_check_time_zone)]
"""Name of a zone in the IANA time-zone database."""

ZONE_OF_OLDER_HOMES = "Asia/Tokyo"
"""Time zone of homes that were created before a home had a zone of its own."""

DEFAULT_USER = "admin"
DEFAULT_PROJECT = "default"


def make_command_options(project_id: str, username: str = DEFAULT_USER) -> str:
    """Return the command options for a project and user, each after a blank; defaults are left out."""
    project = "" if project_id == DEFAULT_PROJECT else f" --project {project_id}"
    return project + ("" if username == DEFAULT_USER else f" --user {username}")


class ProjectRole(StrEnum):
    """Role of a member, which determines the member's rights."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"

    def includes(self, role: "ProjectRole") -> bool:
        """Return whether this role includes `role`: owners include editors, editors include viewers."""
        ranks = list(ProjectRole)
        return ranks.index(self) <= ranks.index(role)


class UserModel(Record):
    """A user: a person or a program."""

    user_id: str
    username: str
    hashed_password: str | None = None
    """None if no password has been set. The user cannot log in then."""
    default_project_id: str | None = None
    full_name: str | None = None
    disabled: bool = False
    time_zone: TimeZone | None = None
    """Time zone for this user's display, or None for that of the home."""
    theme: Literal["system", "light", "dark"] = "system"
    """Theme of the dashboard."""
    hides_guide: bool = False
    """True if the overview of the dashboard leaves out the first steps."""

    @classmethod
    def create(cls, username: str, *, now: datetime, project_id: str | None = None) -> Self:
        """Return a new user of this name with a unique id."""
        return cls(
            user_id=str(uuid.uuid4()),
            username=username,
            default_project_id=project_id,
            created_at=now,
            updated_at=now,
        )


class BackupRecord(Value):
    """A complete backup, as the store remembers it."""

    made_at: UtcDatetime
    file: str
    """Path of the backup on its machine."""
    host: str
    """Machine on which it was made, or on which the store was restored from it."""
    restored: bool = False
    """True if the store was restored from it, and no other was made since."""


class ProjectModel(Record):
    """A workspace shared by its members. It owns all records of their work."""

    project_id: str
    owner_user_id: str
    owner_username: str
    name: str
    description: str | None = None
    tags: list[str] = []
    time_zone: TimeZone | None = None
    """Set for the project `default`, which is created with the home: the zone of the machine that created
    it."""
    simulated_clock: bool = False
    """Set for the project `default`: whether the home was created with a simulated clock."""
    last_backup: BackupRecord | None = None
    """Set for the project `default`: the newest complete backup of the store, or None if none was made."""


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
    """Rounded down to the minute."""

    @property
    def active(self) -> bool:
        """True if the user is a member: accepted, and not revoked."""
        return self.status == "active"

    @classmethod
    def create_active(cls, project_id: str, user: UserModel, role: ProjectRole, *, now: datetime) -> Self:
        """Return an active membership that needs no acceptance."""
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
    """A tag for executions of a project."""

    project_id: str
    username: str
    """User who used it first."""
    name: str


class BackendModel(Record):
    """A backend that chips or executions of a project use or have used."""

    project_id: str
    username: str
    """User who used it first."""
    name: str
