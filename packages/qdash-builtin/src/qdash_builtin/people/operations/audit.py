"""Operations of the audit log."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.people.audit import AuditFilter
from qdash_builtin.people.feature import AUDIT_LOG
from qdash_builtin.people.views.audit import AuditDocument, make_audit_csv
from qdash_builtin.request_parts.given_time import GivenTime
from qdash_builtin.request_parts.path_parts import ProjectId
from qdash_core.documents.pages import PageOf
from qdash_core.operations.answers import FileAnswer
from qdash_core.operations.bodies import Filter
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("audit", place=100)

_ProjectId = Annotated[
    str | None, Field(max_length=64, description="Project of the requests; absent: all projects.")
]


class AuditQuery(Filter):
    """Filters of the audit log, which must all hold."""

    username: Annotated[
        str | None, Field(max_length=64, description="User who sent the requests; absent: all users.")
    ] = None
    action: Annotated[
        str | None,
        Field(
            max_length=100, description="Words that the name of the operation or the method contains: `role`."
        ),
    ] = None
    subject: Annotated[
        str | None, Field(max_length=200, description="Text that the path of the request contains.")
    ] = None
    since: Annotated[GivenTime | None, Field(description="Time of the oldest request.")] = None
    until: Annotated[GivenTime | None, Field(description="Only requests before this time.")] = None

    def make_filter(self, project_id: str | None = None) -> AuditFilter:
        """Return the filter of the audit log."""
        return AuditFilter(
            username=self.username,
            action=self.action,
            subject=self.subject,
            since=self.since,
            until=self.until,
            project_id=project_id,
        )


@operations.get("/audit", needs=RequiredRole.ADMINISTRATOR)
def list_audit(call: Call, wanted: AuditQuery, project_id: _ProjectId = None) -> PageOf[AuditDocument]:
    """List requests of all projects that may have changed something, newest first."""
    found = call.qdash.get(AUDIT_LOG).list_all(call.page, wanted.make_filter(project_id), by=call.username)
    return PageOf[AuditDocument].from_page(found, AuditDocument.from_record)


@operations.get("/audit/file", needs=RequiredRole.ADMINISTRATOR, media_type="text/csv", slow=True)
def audit_file(call: Call, wanted: AuditQuery, project_id: _ProjectId = None) -> FileAnswer:
    """Download the requests of all projects that may have changed something as CSV, newest first, at most 10,000."""
    rows = call.qdash.get(AUDIT_LOG).read_all(wanted.make_filter(project_id), by=call.username)
    return FileAnswer([make_audit_csv(rows).encode()], name="audit.csv", media_type="text/csv")


@operations.get("/projects/{project_id}/audit", needs=RequiredRole.OWNER)
def audit_of_project(
    call: Call,
    project_id: ProjectId,  # noqa: ARG001  grants the access
    wanted: AuditQuery,
) -> PageOf[AuditDocument]:
    """List requests that may have changed something in a project, newest first."""
    found = call.qdash.get(AUDIT_LOG).list_by_project(call.access, call.page, wanted.make_filter())
    return PageOf[AuditDocument].from_page(found, AuditDocument.from_record)


@operations.get(
    "/projects/{project_id}/audit/file", needs=RequiredRole.OWNER, media_type="text/csv", slow=True
)
def audit_file_of_project(call: Call, project_id: ProjectId, wanted: AuditQuery) -> FileAnswer:
    """Download the requests that may have changed something in a project as CSV, newest first, at most 10,000."""
    contents = make_audit_csv(
        call.qdash.get(AUDIT_LOG).read_project(call.access, wanted.make_filter())
    ).encode()
    return FileAnswer([contents], name=f"audit-{project_id}.csv", media_type="text/csv")
