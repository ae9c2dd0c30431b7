"""Routes of the audit log."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import Response

from qdash_api.file_responses import stream_file
from qdash_api.pages import PageOf
from qdash_api.routing.call import Call
from qdash_api.routing.path_parts import ProjectId
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.documents.audit import AuditDocument, make_audit_csv
from qdash_core.models.base import GivenTime
from qdash_core.projects.audit import AuditFilter

routes = Routes("audit")

_ProjectId = Annotated[
    str | None, Query(max_length=64, description="Project of the requests; absent: all projects.")
]


async def _read_filter(
    username: Annotated[
        str | None, Query(max_length=64, description="User who sent the requests; absent: all users.")
    ] = None,
    action: Annotated[
        str | None,
        Query(
            max_length=100, description="Words that the name of the operation or the method contains: `role`."
        ),
    ] = None,
    subject: Annotated[
        str | None, Query(max_length=200, description="Text that the path of the request contains.")
    ] = None,
    since: Annotated[GivenTime | None, Query(description="Time of the oldest request.")] = None,
    until: Annotated[GivenTime | None, Query(description="Only requests before this time.")] = None,
) -> AuditFilter:
    return AuditFilter(username=username, action=action, subject=subject, since=since, until=until)


_Filter = Annotated[AuditFilter, Depends(_read_filter)]


@routes.get("/audit", needs=RequiredRole.ADMINISTRATOR, answers=PageOf[AuditDocument])
def list_audit(call: Call, wanted: _Filter, project_id: _ProjectId = None) -> PageOf[AuditDocument]:
    """List requests of all projects that may have changed something, newest first."""
    found = call.qdash.audit.list_all(call.page, replace(wanted, project_id=project_id), by=call.username)
    return PageOf[AuditDocument].from_page(found, AuditDocument.from_record)


@routes.get("/audit/file", needs=RequiredRole.ADMINISTRATOR, media_type="text/csv", slow=True)
def audit_file(call: Call, wanted: _Filter, project_id: _ProjectId = None) -> Response:
    """Download the requests of all projects that may have changed something as CSV, newest first, at most 10,000."""
    rows = call.qdash.audit.read_all(replace(wanted, project_id=project_id), by=call.username)
    return stream_file(call, [make_audit_csv(rows).encode()], name="audit.csv", media_type="text/csv")


@routes.get("/projects/{project_id}/audit", needs=RequiredRole.OWNER, answers=PageOf[AuditDocument])
def audit_of_project(
    call: Call,
    project_id: ProjectId,  # noqa: ARG001  grants the access
    wanted: _Filter,
) -> PageOf[AuditDocument]:
    """List requests that may have changed something in a project, newest first."""
    found = call.qdash.audit.list_by_project(call.access, call.page, wanted)
    return PageOf[AuditDocument].from_page(found, AuditDocument.from_record)


@routes.get("/projects/{project_id}/audit/file", needs=RequiredRole.OWNER, media_type="text/csv", slow=True)
def audit_file_of_project(call: Call, project_id: ProjectId, wanted: _Filter) -> Response:
    """Download the requests that may have changed something in a project as CSV, newest first, at most 10,000."""
    contents = make_audit_csv(call.qdash.audit.read_project(call.access, wanted)).encode()
    return stream_file(call, [contents], name=f"audit-{project_id}.csv", media_type="text/csv")
