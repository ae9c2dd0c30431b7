"""Operations of projects."""

from __future__ import annotations

from qdash_builtin.people.feature import PROJECTS
from qdash_builtin.people.requests import ProjectEdit, ProjectRequest, TransferRequest
from qdash_builtin.people.views.people import DeletedProjectDocument, ProjectDocument
from qdash_builtin.request_parts.path_parts import ProjectId
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("projects", place=80)


@operations.get(
    "/projects",
    needs=RequiredRole.SELF,
    command=Command(
        "project list",
        empty="you are in no project: create one with `qdash project create`, or ask an owner for an invitation",
    ),
)
def list_projects(call: Call) -> PageOf[ProjectDocument]:
    """List the caller's projects by id, including those with an open invitation."""
    found = call.qdash.get(PROJECTS).page(call.username, call.page)
    return PageOf[ProjectDocument].from_page(found, ProjectDocument.from_view)


@operations.post(
    "/projects",
    needs=RequiredRole.SELF,
    status=201,
    creates=True,
    command=Command("project create"),
)
def create_project(call: Call, body: ProjectRequest) -> ProjectDocument:
    """Create a project, owned by the caller."""
    made = call.qdash.get(PROJECTS).create(
        body.project_id,
        username=call.username,
        name=body.name,
        description=body.description,
        tags=body.tags,
    )
    call.record_project(body.project_id)
    return ProjectDocument.from_view(made)


@operations.get(
    "/projects/{project_id}",
    needs=RequiredRole.VIEWER,
    versioned=True,
    command=Command(
        "project show",
        help="Show a project, by default the user's own.",
    ),
)
def show_project(call: Call, project_id: ProjectId) -> ProjectDocument:  # noqa: ARG001  grants the access
    """Show a project, with the number of objects in it."""
    found = call.qdash.get(PROJECTS).show(call.access)
    call.set_changed_at(found.project.updated_at, seq=0)  # the number of objects may change
    return ProjectDocument.from_view(found)


@operations.patch(
    "/projects/{project_id}",
    needs=RequiredRole.OWNER,
    edits=True,
    compares="/projects/{project_id}",
    command=Command(
        "project edit",
        help="Change name, description or labels of a project.\n\nProperties without an option do not change.",
        marks={
            "description": OnCommandLine(metavar="TEXT", help="Description; empty text removes it."),
            "tags": OnCommandLine(metavar="TAG", help="Label."),
        },
    ),
)
def edit_project(call: Call, project_id: ProjectId, body: ProjectEdit) -> ProjectDocument:  # noqa: ARG001
    """Change the name, description or tags of a project."""
    given = body.model_dump(exclude_unset=True)
    changed = call.qdash.get(PROJECTS).edit(call.access, as_of=call.as_of, **given)
    call.set_changed_at(changed.updated_at)
    return ProjectDocument.from_record(changed)


@operations.delete(
    "/projects/{project_id}",
    needs=RequiredRole.OWNER,
    command=Command("project delete", says="project {project_id} was deleted"),
)
def delete_project(call: Call, project_id: ProjectId) -> DeletedProjectDocument:
    """Delete an empty project."""
    call.qdash.get(PROJECTS).delete(call.access)
    return DeletedProjectDocument(project_id=project_id)


@operations.post(
    "/projects/{project_id}/transfer",
    needs=RequiredRole.OWNER,
    compares="/projects/{project_id}",
    command=Command("project transfer", says="project {project_id} now belongs to {body.to}"),
)
def transfer_project(call: Call, project_id: ProjectId, body: TransferRequest) -> ProjectDocument:  # noqa: ARG001
    """Transfer a project to another member.

    The former owner remains a member with the role owner, and may leave.
    """
    return ProjectDocument.from_record(call.qdash.get(PROJECTS).transfer(call.access, body.to))
