"""Operations of reports on chips, executions and releases, as files."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.reports.feature import REPORTS
from qdash_builtin.reports.report import Subject, SubjectKind
from qdash_builtin.reports.report_formats import ReportFormat, render_report
from qdash_builtin.reports.views import ReportPageDocument
from qdash_builtin.request_parts.path_parts import ChipId, ExecutionId, Name
from qdash_core.operations.answers import FileAnswer
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("reports", place=350)
_Format = Annotated[ReportFormat, Field(description="`html`: one page with figures; `markdown`: the tables.")]
_Subject = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="Id of a chip; id of an execution, the beginning of one, or `last`; or `release:NAME`. A chip with this id comes "
        "first; `chip:ID` and `execution:ID` distinguish them.",
    ),
]
_Chip = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=128,
        description="Chip of the release, if several chips have one of this name.",
    ),
]
_MEDIA_TYPE = "application/octet-stream"
"""Type of every report, so that no browser opens it as a page of the host."""


@operations.get("/report-page", needs=RequiredRole.VIEWER, slow=True)
def show_report_page(
    call: Call,
    subject: _Subject,
    chip: _Chip = None,
    format: _Format = ReportFormat.HTML,  # noqa: A002  name of the query parameter
) -> ReportPageDocument:
    """Show the report on a chip, an execution or a release that a user names, as one page."""
    found = call.qdash.get(REPORTS).resolve(call.access, subject, chip_id=chip)
    report = call.qdash.get(REPORTS).make(call.access, found, with_figures=format is ReportFormat.HTML)
    contents = b"".join(render_report(report, format)).decode()
    return ReportPageDocument(title=str(found), n_figures=report.n_figures, contents=contents)


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
    subject = call.qdash.get(REPORTS).resolve(call.access, f"{SubjectKind.EXECUTION}:{execution_id}")
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
    report = call.qdash.get(REPORTS).make(call.access, subject, with_figures=format_ is ReportFormat.HTML)
    return FileAnswer(
        render_report(report, format_),
        name=f"{subject.file_name}{format_.suffix}",
        media_type=_MEDIA_TYPE,
    )
