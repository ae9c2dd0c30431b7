"""Operations of reports on chips, executions and releases, as files."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_core.operations.answers import FileAnswer
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.path_parts import ChipId, ExecutionId, Name
from qdash_core.operations.required_role import RequiredRole
from qdash_core.reports.report import Subject, SubjectKind
from qdash_core.reports.report_formats import ReportFormat, render_report

operations = Operations("reports")
_Format = Annotated[ReportFormat, Field(description="`html`: one page with figures; `markdown`: the tables.")]
_MEDIA_TYPE = "application/octet-stream"
"""Type of every report, so that no browser opens it as a page of the host."""


@operations.get("/chips/{chip_id}/report", needs=RequiredRole.VIEWER, media_type=_MEDIA_TYPE, slow=True)
def report_chip(call: Call, chip_id: ChipId, format: _Format = ReportFormat.HTML) -> FileAnswer:  # noqa: A002  name of the query parameter
    """Return a report on a chip with its present values, as a file."""
    return _make_report(call, Subject(SubjectKind.CHIP, chip_id, chip_id), format)


@operations.get(
    "/executions/{execution_id}/report", needs=RequiredRole.VIEWER, media_type=_MEDIA_TYPE, slow=True
)
def report_execution(
    call: Call,
    execution_id: ExecutionId,
    format: _Format = ReportFormat.HTML,  # noqa: A002  name of the query parameter
) -> FileAnswer:
    """Return a report on an execution, as a file. Takes its id, the beginning of it, or `last`."""
    subject = call.qdash.reports.resolve(call.access, f"{SubjectKind.EXECUTION}:{execution_id}")
    return _make_report(call, subject, format)


@operations.get(
    "/chips/{chip_id}/releases/{name}/report", needs=RequiredRole.VIEWER, media_type=_MEDIA_TYPE, slow=True
)
def report_release(
    call: Call,
    chip_id: ChipId,
    name: Name,
    format: _Format = ReportFormat.HTML,  # noqa: A002  name of the query parameter
) -> FileAnswer:
    """Return a report on a release of a chip, as a file."""
    return _make_report(call, Subject(SubjectKind.RELEASE, chip_id, name), format)


def _make_report(call: Call, subject: Subject, format_: ReportFormat) -> FileAnswer:
    report = call.qdash.reports.make(call.access, subject, with_figures=format_ is ReportFormat.HTML)
    return FileAnswer(
        render_report(report, format_),
        name=f"{subject.file_name}{format_.suffix}",
        media_type=_MEDIA_TYPE,
    )
