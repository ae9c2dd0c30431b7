"""Operations of project members."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.people.feature import MEMBERS
from qdash_builtin.people.requests import AcceptanceRequest, InvitationRequest, RoleRequest
from qdash_builtin.people.views.people import MemberDocument, Status
from qdash_builtin.request_parts.path_parts import ProjectId, Username
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("members", place=90)


_Statuses = Annotated[
    tuple[Status, ...], Field(max_length=3, description="Only members with one of these statuses.")
]


@operations.get(
    "/projects/{project_id}/members",
    needs=RequiredRole.VIEWER,
    command=Command(
        "member list",
        help="List members and invited users of a project; with --all former ones, too.",
        usual={"status": ("pending", "active")},
    ),
)
def list_members(
    call: Call,
    project_id: ProjectId,  # noqa: ARG001  grants the access
    status: _Statuses = (),
) -> PageOf[MemberDocument]:
    """List the members of a project by name, including invited and former ones."""
    return PageOf[MemberDocument].from_page(
        call.qdash.get(MEMBERS).page(call.access, call.page, status), MemberDocument.from_record
    )


@operations.post(
    "/projects/{project_id}/members",
    needs=RequiredRole.OWNER,
    status=201,
    creates=True,
    command=Command("member invite"),
)
def invite_member(call: Call, project_id: ProjectId, body: InvitationRequest) -> MemberDocument:  # noqa: ARG001
    """Invite a user to a project; they become a member once they accept."""
    return MemberDocument.from_record(call.qdash.get(MEMBERS).invite(call.access, body.username, body.role))


@operations.post("/projects/{project_id}/members/accept", needs=RequiredRole.SELF)
def accept_invitation(call: Call, project_id: ProjectId) -> MemberDocument:
    """Accept the invitation to a project."""
    return MemberDocument.from_record(call.qdash.get(MEMBERS).accept(call.username, project_id))


@operations.post(
    "/invitations/accept",
    needs=RequiredRole.SELF,
    command=Command(
        "member accept",
        help="Accept the invitation to a project.\n\nWith several invitations, select one with --project.",
        says="project {project_id}: {username} is now {role}",
    ),
)
def accept_only_invitation(call: Call, body: AcceptanceRequest | None = None) -> MemberDocument:
    """Accept the invitation of the caller to a project, which is named if there are several."""
    accepted = call.qdash.get(MEMBERS).accept(call.username, None if body is None else body.project_id)
    call.record_project(accepted.project_id)
    return MemberDocument.from_record(accepted)


@operations.post(
    "/projects/{project_id}/members/leave",
    needs=RequiredRole.SELF,
    command=Command(
        "member leave",
        says="project {project_id}: {username} is no longer a member",
        marks={
            "project_id": OnCommandLine(
                metavar="ID", help="Project to leave: only an owner can invite you again."
            )
        },
    ),
)
def leave_project(call: Call, project_id: ProjectId) -> MemberDocument:
    """Leave a project, or decline the invitation to it."""
    return MemberDocument.from_record(call.qdash.get(MEMBERS).leave(call.username, project_id))


@operations.get(
    "/projects/{project_id}/members/{username}",
    needs=RequiredRole.VIEWER,
    versioned=True,
)
def show_member(call: Call, project_id: ProjectId, username: Username) -> MemberDocument:  # noqa: ARG001
    """Show a member of a project, or an invited user."""
    found = call.qdash.get(MEMBERS).show(call.access, username)
    call.set_changed_at(found.updated_at, seq=0)  # their last use of the project may be newer
    return MemberDocument.from_record(found)


@operations.patch(
    "/projects/{project_id}/members/{username}",
    needs=RequiredRole.OWNER,
    edits=True,
    compares="/projects/{project_id}/members/{username}",
    command=Command("member role", says="project {project_id}: {username} is now {role}"),
)
def change_role(call: Call, project_id: ProjectId, username: Username, body: RoleRequest) -> MemberDocument:  # noqa: ARG001
    """Change the role of a member or an invited user."""
    changed = call.qdash.get(MEMBERS).change_role(call.access, username, body.role, as_of=call.as_of)
    call.set_changed_at(changed.updated_at)
    return MemberDocument.from_record(changed)


@operations.delete(
    "/projects/{project_id}/members/{username}",
    needs=RequiredRole.OWNER,
    compares="/projects/{project_id}/members/{username}",
    command=Command("member revoke", says="project {project_id}: {username} is no longer a member"),
)
def revoke_member(call: Call, project_id: ProjectId, username: Username) -> MemberDocument:  # noqa: ARG001
    """Remove a member from a project, or withdraw an invitation."""
    return MemberDocument.from_record(call.qdash.get(MEMBERS).revoke(call.access, username))
