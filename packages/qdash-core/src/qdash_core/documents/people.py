"""What doors show of users, projects and members. No document holds a secret, or the hash of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.documents.tokens import TokenDocument
from qdash_core.models.access import Access
from qdash_core.models.base import UtcDatetime
from qdash_core.models.project import ProjectRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.project import ProjectMembershipModel, ProjectModel
    from qdash_core.projects.callers import Caller
    from qdash_core.projects.off_boarding import OffBoarding
    from qdash_core.projects.projects import ProjectView
    from qdash_core.projects.users import UserView

Status = Literal["pending", "active", "revoked"]


class MemberDocument(Document):
    """What somebody is in a project."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "project_id": "lab",
                    "username": "alice",
                    "role": "editor",
                    "status": "active",
                    "invited_by": "olga",
                    "created_at": "2026-04-01T09:00:00Z",
                    "updated_at": "2026-04-01T09:12:00Z",
                    "last_accessed_at": "2026-04-02T17:41:00Z",
                }
            ]
        }
    )

    project_id: str
    username: str
    role: ProjectRole
    status: Status
    """`pending`: invited, and not accepted yet."""
    invited_by: str | None = None
    created_at: UtcDatetime
    updated_at: UtcDatetime
    last_accessed_at: UtcDatetime | None = None
    """To the minute."""

    @classmethod
    def of(cls, membership: ProjectMembershipModel) -> Self:
        """Return the document of a membership."""
        return cls(**membership.model_dump(include={*cls.model_fields}))


class ProjectDocument(Document):
    """A project, and what who asks is in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "project_id": "lab",
                    "name": "Cold lab",
                    "description": "Everything below 4 K",
                    "tags": ["cold"],
                    "owner": "olga",
                    "created_at": "2026-04-01T08:00:00Z",
                    "updated_at": "2026-04-01T08:00:00Z",
                    "role": "viewer",
                    "status": "active",
                    "contents": {"chips": 2, "executions": 31},
                }
            ]
        }
    )

    project_id: str
    name: str
    description: str | None = None
    tags: list[str]
    owner: str
    created_at: UtcDatetime
    updated_at: UtcDatetime
    role: ProjectRole | None = None
    status: Status | None = None
    """Of who asks, like the role; absent where only the project was asked for."""
    contents: dict[str, int] | None = None
    """How many chips, executions, cryostats, cool-downs, flows and notes there are, without zeros; absent: not counted."""

    @classmethod
    def of(
        cls,
        project: ProjectModel,
        membership: ProjectMembershipModel | None = None,
        contents: Mapping[str, int] | None = None,
    ) -> Self:
        """Return the document of a project, with what somebody is in it."""
        return cls(
            project_id=project.project_id,
            name=project.name,
            description=project.description,
            tags=project.tags,
            owner=project.owner_username,
            created_at=project.created_at,
            updated_at=project.updated_at,
            role=membership and membership.role,
            status=membership and membership.status,
            contents=None if contents is None else dict(contents),
        )

    @classmethod
    def seen(cls, view: ProjectView) -> Self:
        """Return the document of a project as somebody sees it."""
        return cls.of(view.project, view.membership, view.contents)


class DeletedProjectDocument(Document):
    """A project that is gone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"project_id": "lab", "deleted": True}]})

    project_id: str
    deleted: Literal[True] = True


class UserDocument(Document):
    """A user, and where they belong."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "username": "alice",
                    "full_name": "Alice Liddell",
                    "disabled": False,
                    "has_password": True,
                    "default_project_id": "lab",
                    "time_zone": "Asia/Tokyo",
                    "theme": "dark",
                    "created_at": "2026-04-01T08:30:00Z",
                    "updated_at": "2026-04-01T08:31:00Z",
                    "owns": [],
                    "projects": MemberDocument.model_config["json_schema_extra"]["examples"],  # type: ignore[index]
                }
            ]
        }
    )

    username: str
    full_name: str | None = None
    disabled: bool
    has_password: bool
    default_project_id: str | None = None
    time_zone: str | None = None
    theme: Literal["system", "light", "dark"]
    created_at: UtcDatetime
    updated_at: UtcDatetime
    owns: list[str]
    projects: list[MemberDocument]
    """Those in which they are, or to which they are invited."""

    @classmethod
    def of(cls, view: UserView) -> Self:
        """Return the document of a user."""
        user = view.user
        return cls(
            username=user.username,
            full_name=user.full_name,
            disabled=user.disabled,
            has_password=user.hashed_password is not None,
            default_project_id=user.default_project_id,
            time_zone=user.time_zone,
            theme=user.theme,
            created_at=user.created_at,
            updated_at=user.updated_at,
            owns=list(view.owns),
            projects=[MemberDocument.of(membership) for membership in view.memberships],
        )


class MeDocument(Document):
    """Who asks, by which token, and what they are where they ask."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user": UserDocument.model_config["json_schema_extra"]["examples"][0],  # type: ignore[index]
                    "token": TokenDocument.model_config["json_schema_extra"]["examples"][0],  # type: ignore[index]
                    "administers": False,
                    "project_id": "lab",
                    "role": "editor",
                }
            ]
        }
    )

    user: UserDocument
    token: TokenDocument
    administers: bool
    """Whether they administer the store, by this token."""
    project_id: str | None = None
    """The project of the request; absent, with the role: it is not theirs."""
    role: ProjectRole | None = None
    """What they are there, as far as the token goes."""

    @classmethod
    def of(cls, caller: Caller, view: UserView) -> Self:
        """Return the document of who asks."""
        access = caller.project if isinstance(caller.project, Access) else None
        return cls(
            user=UserDocument.of(view),
            token=TokenDocument.of(caller.token),
            administers=caller.administers,
            project_id=access and access.project_id,
            role=access and access.role,
        )


class OffBoardingDocument(Document):
    """What ended when somebody went."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "username": "olga",
                    "transferred": ["lab"],
                    "transferred_to": "alice",
                    "revoked": ["default", "lab"],
                    "n_tokens": 2,
                }
            ]
        }
    )

    username: str
    transferred: list[str]
    transferred_to: str | None = None
    revoked: list[str]
    n_tokens: int

    @classmethod
    def of(cls, done: OffBoarding) -> Self:
        """Return the document of somebody's going."""
        return cls(
            username=done.username,
            transferred=list(done.transferred),
            transferred_to=done.to if done.transferred else None,
            revoked=list(done.revoked),
            n_tokens=done.n_tokens,
        )
