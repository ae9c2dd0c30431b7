"""Routes of projects."""

from __future__ import annotations

from qdash_api.pages import PageOf
from qdash_api.requests.accounts import ProjectEdit, ProjectRequest, TransferRequest
from qdash_api.routing.call import Call
from qdash_api.routing.path_parts import ProjectId
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.documents.people import DeletedProjectDocument, ProjectDocument

routes = Routes("projects")


@routes.get("/projects", needs=RequiredRole.SELF, answers=PageOf[ProjectDocument])
def list_projects(call: Call) -> PageOf[ProjectDocument]:
    """List the caller's projects by id, including those with an open invitation."""
    found = call.qdash.projects.page(call.username, call.page)
    return PageOf[ProjectDocument].from_page(found, ProjectDocument.from_view)


@routes.post("/projects", needs=RequiredRole.SELF, answers=ProjectDocument, status=201, creates=True)
def create_project(call: Call, body: ProjectRequest) -> ProjectDocument:
    """Create a project, owned by the caller."""
    made = call.qdash.projects.create(
        body.project_id,
        username=call.username,
        name=body.name,
        description=body.description,
        tags=body.tags,
    )
    call.record_project(body.project_id)
    return ProjectDocument.from_view(made)


@routes.get("/projects/{project_id}", needs=RequiredRole.VIEWER, answers=ProjectDocument, versioned=True)
def show_project(call: Call, project_id: ProjectId) -> ProjectDocument:  # noqa: ARG001  grants the access
    """Show a project, with the number of objects in it."""
    found = call.qdash.projects.show(call.access)
    call.set_changed_at(found.project.updated_at, seq=0)  # the number of objects may change
    return ProjectDocument.from_view(found)


@routes.patch(
    "/projects/{project_id}",
    needs=RequiredRole.OWNER,
    answers=ProjectDocument,
    edits=True,
    compares="/projects/{project_id}",
)
def edit_project(call: Call, project_id: ProjectId, body: ProjectEdit) -> ProjectDocument:  # noqa: ARG001
    """Change the name, description or tags of a project."""
    given = body.model_dump(exclude_unset=True)
    changed = call.qdash.projects.edit(call.access, as_of=call.as_of, **given)
    call.set_changed_at(changed.updated_at)
    return ProjectDocument.from_record(changed)


@routes.delete("/projects/{project_id}", needs=RequiredRole.OWNER, answers=DeletedProjectDocument)
def delete_project(call: Call, project_id: ProjectId) -> DeletedProjectDocument:
    """Delete an empty project."""
    call.qdash.projects.delete(call.access)
    return DeletedProjectDocument(project_id=project_id)


@routes.post(
    "/projects/{project_id}/transfer",
    needs=RequiredRole.OWNER,
    answers=ProjectDocument,
    compares="/projects/{project_id}",
)
def transfer_project(call: Call, project_id: ProjectId, body: TransferRequest) -> ProjectDocument:  # noqa: ARG001
    """Transfer a project to another member."""
    return ProjectDocument.from_record(call.qdash.projects.transfer(call.access, body.to))
