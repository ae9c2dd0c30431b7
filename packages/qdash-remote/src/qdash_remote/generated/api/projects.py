"""Operations with the tag `projects`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.people import DeletedProjectDocument, ProjectDocument
    from qdash_core.resources.requests.accounts import ProjectEdit, ProjectRequest, TransferRequest
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_projects(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[ProjectDocument]]:
    """List the caller's projects by id, including those with an open invitation."""
    from qdash_core.documents.people import ProjectDocument

    return send_request(
        client, "GET", "/projects", page_of(ProjectDocument), params={"limit": limit, "after": after}
    )


@operation
def create_project(*, client: AuthenticatedClient, body: ProjectRequest) -> Response[ProjectDocument]:
    """Create a project, owned by the caller."""
    from qdash_core.documents.people import ProjectDocument

    return send_request(client, "POST", "/projects", ProjectDocument, status=201, body=body)


@operation
def show_project(project_id: str, *, client: AuthenticatedClient) -> Response[ProjectDocument]:
    """Show a project, with the number of objects in it."""
    from qdash_core.documents.people import ProjectDocument

    return send_request(client, "GET", f"/projects/{quote_segment(project_id)}", ProjectDocument)


@operation
def delete_project(project_id: str, *, client: AuthenticatedClient) -> Response[DeletedProjectDocument]:
    """Delete an empty project."""
    from qdash_core.documents.people import DeletedProjectDocument

    return send_request(client, "DELETE", f"/projects/{quote_segment(project_id)}", DeletedProjectDocument)


@operation
def edit_project(
    project_id: str, *, client: AuthenticatedClient, body: ProjectEdit, if_match: str | Unset = UNSET
) -> Response[ProjectDocument]:
    """Change the name, description or tags of a project."""
    from qdash_core.documents.people import ProjectDocument

    return send_request(
        client,
        "PATCH",
        f"/projects/{quote_segment(project_id)}",
        ProjectDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def transfer_project(
    project_id: str, *, client: AuthenticatedClient, body: TransferRequest
) -> Response[ProjectDocument]:
    """Transfer a project to another member."""
    from qdash_core.documents.people import ProjectDocument

    return send_request(
        client, "POST", f"/projects/{quote_segment(project_id)}/transfer", ProjectDocument, body=body
    )
