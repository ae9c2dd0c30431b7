"""View models of users, projects and members, without secrets or their hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import AliasPath, Field

from qdash_builtin.people.views.tokens import TokenDocument
from qdash_core.documents.base import Column, Document
from qdash_core.models.access import Access
from qdash_core.models.base import UtcDatetime
from qdash_core.models.name_summary import name_projects
from qdash_core.models.project import ProjectRole
from qdash_core.models.quantities import format_count

if TYPE_CHECKING:
    from qdash_builtin.people.off_boarding import OffBoarding
    from qdash_builtin.people.projects import ProjectView
    from qdash_builtin.people.users import UserView
    from qdash_core.models.caller import Caller

Status = Literal["pending", "active", "revoked"]


class MemberDocument(Document):
    """Role and status of a user in a project."""

    project_id: str
    username: str
    role: ProjectRole
    status: Status
    """`pending` if invited, and not accepted yet."""
    invited_by: str | None = None
    created_at: UtcDatetime
    updated_at: UtcDatetime
    last_accessed_at: UtcDatetime | None = None
    """To the minute."""

    def __str__(self) -> str:
        """Return the project and the role there: `lab (invited as editor)`."""
        invited = "invited as " if self.status == "pending" else ""
        return f"{self.project_id} ({invited}{self.role})"


class ProjectDocument(Document):
    """A project, and the caller's role in it."""

    text_columns: ClassVar[tuple[Column, ...]] = (
        Column("project", "project_id"),
        Column("name", "name", wraps=True),
        Column("owner", "owner"),
        Column("you are", "described_role"),
        Column("tags", "tags", wraps=True),
    )

    project_id: str
    name: str
    description: str | None = None
    tags: list[str]
    owner: str = Field(validation_alias=AliasPath("owner_username"))
    created_at: UtcDatetime
    updated_at: UtcDatetime
    role: ProjectRole | None = None
    status: Status | None = None
    """Membership status of the caller, like the role; absent if only the project was requested."""
    contents: dict[str, int] | None = None
    """Numbers of chips, executions, cryostats, cool-downs, flows and notes, without zeros; absent if not
    counted.
    """

    @classmethod
    def from_view(cls, view: ProjectView) -> Self:
        """Return the view model of a project for one user."""
        membership = view.membership
        return cls.from_record(
            view.project,
            role=membership and membership.role,
            status=membership and membership.status,
            contents=view.contents,
        )

    @property
    def described_role(self) -> str:
        """Role of the caller in words."""
        return f"invited as {self.role}" if self.status == "pending" else str(self.role)


class DeletedProjectDocument(Document):
    """A deleted project."""

    project_id: str
    deleted: Literal[True] = True


class UserDocument(Document):
    """A user with their projects."""

    text_columns: ClassVar[tuple[Column, ...]] = (
        Column("user", "username"),
        Column("full name", "full_name", wraps=True),
        Column("state", "state"),
        Column("password", "has_password"),
        Column("projects", "projects", wraps=True),
    )

    username: str
    full_name: str | None = None
    disabled: bool
    has_password: bool
    default_project_id: str | None = None
    time_zone: str | None = None
    theme: Literal["system", "light", "dark"]
    hides_guide: bool
    created_at: UtcDatetime
    updated_at: UtcDatetime
    owns: list[str]
    projects: list[MemberDocument]
    """The projects of which they are a member, or to which they are invited."""

    @classmethod
    def from_view(cls, view: UserView) -> Self:
        """Return the view model of a user."""
        has_password = view.user.hashed_password is not None
        return cls.from_record(
            view.user, has_password=has_password, owns=view.owns, projects=view.memberships
        )

    @property
    def state(self) -> str:
        """`disabled` or `enabled`."""
        return "disabled" if self.disabled else "enabled"


class MeDocument(Document):
    """The caller: user, token, and role in the requested project."""

    user: UserDocument
    token: TokenDocument
    administers: bool
    """True if this token allows the user to administer the store."""
    project_id: str | None = None
    """The requested project; absent, like the role, if the user is not a member."""
    role: ProjectRole | None = None
    """Their role there, limited by the scope of the token."""

    @classmethod
    def from_caller(cls, caller: Caller, view: UserView) -> Self:
        """Return the view model of the caller."""
        access = caller.project if isinstance(caller.project, Access) else None
        return cls(
            user=UserDocument.from_view(view),
            token=TokenDocument.from_record(caller.token),
            administers=caller.administers,
            project_id=access and access.project_id,
            role=access and access.role,
        )


class OffBoardingDocument(Document):
    """The projects, memberships and tokens that end when a user leaves."""

    username: str
    transferred: list[str]
    transferred_to: str | None = None
    deleted: list[str]
    """The personal project, if it was unused."""
    revoked: list[str]
    n_tokens: int
    applied: bool
    """False for a preview: nothing was changed."""

    @classmethod
    def from_off_boarding(cls, done: OffBoarding) -> Self:
        """Return the view model of a user's off-boarding."""
        return cls.from_record(done, transferred_to=done.to if done.transferred else None)

    def describe(self) -> str:
        """Return the consequences as text: `user olga would be disabled, project lab handed over to alice, ...`."""
        parts = [f"user {self.username} {'was' if self.applied else 'would be'} disabled"]
        if self.transferred:
            parts.append(f"{name_projects(self.transferred)} handed over to {self.transferred_to}")
        if self.deleted:
            parts.append(f"{name_projects(self.deleted)} deleted")
        parts.append(f"membership of {name_projects(self.revoked)} revoked")
        parts.append(f"{format_count(self.n_tokens, 'token')} ended")
        return ", ".join(parts)
