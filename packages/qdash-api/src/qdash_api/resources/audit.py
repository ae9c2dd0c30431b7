"""Routes of the audit log."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from qdash_api.pages import PageOf
from qdash_api.requests.timestamps import Timestamp
from qdash_api.routing.call import Call
from qdash_api.routing.path_parts import ProjectId
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.documents.audit import AuditDocument

routes = Routes("audit")

_Username = Annotated[
    str | None, Query(max_length=64, description="User who sent the requests; absent: all users.")
]
_ProjectId = Annotated[
    str | None, Query(max_length=64, description="Project of the requests; absent: all projects.")
]
_Since = Annotated[Timestamp | None, Query(description="Time of the oldest request.")]


@routes.get("/audit", needs=RequiredRole.ADMINISTRATOR, answers=PageOf[AuditDocument])
def list_audit(
    call: Call, username: _Username = None, project_id: _ProjectId = None, since: _Since = None
) -> PageOf[AuditDocument]:
    """List requests of all projects that may have changed something, newest first."""
    found = call.qdash.audit.list_all(
        call.page, by=call.username, project_id=project_id, username=username, since=since
    )
    return PageOf[AuditDocument].from_page(found, AuditDocument.from_record)


@routes.get("/projects/{project_id}/audit", needs=RequiredRole.OWNER, answers=PageOf[AuditDocument])
def audit_of_project(
    call: Call,
    project_id: ProjectId,  # noqa: ARG001  grants the access
    username: _Username = None,
    since: _Since = None,
) -> PageOf[AuditDocument]:
    """List requests that may have changed something in a project, newest first."""
    found = call.qdash.audit.list_by_project(call.access, call.page, username=username, since=since)
    return PageOf[AuditDocument].from_page(found, AuditDocument.from_record)
