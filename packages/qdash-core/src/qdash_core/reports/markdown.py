"""Reports as Markdown: the tables, without figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.targets import TARGET_KINDS
from qdash_core.reports.rows import ReportRows
from qdash_core.reports.template_environment import encode_pieces
from qdash_core.text_pages.markdown import iter_markdown
from qdash_core.text_pages.page import Line, Page, Section, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qdash_core.reports.report import Report

_YIELD = ("metric", "values", "yield", "median", "best", "specification", "marks")
_FAILURE = ("target", "status", "task", "reason", "execution")
_MOVED = ("target", "parameter", "before", "after", "difference", "shared by")
_MEASURED = (
    "parameter", "value", "task", "execution", "time", "by", "settings", "inputs", "software", "remarks"
)  # fmt: skip


def render_markdown(report: Report) -> Iterator[bytes]:
    """Yield a report as Markdown, in pieces."""
    return encode_pieces(iter_markdown(Page(str(report.subject), (), _iter_sections(ReportRows(report)))))


def _iter_sections(rows: ReportRows) -> Iterator[Section]:
    yield Section("About", _list_facts(rows.list_facts()))
    yield Section("Summary", _list_facts(rows.list_summary()))
    yield Section("Yield")
    for kind in TARGET_KINDS:
        if yields := rows.list_yields(kind):
            yield Section(f"{kind.capitalize()}s", table=Table(_YIELD, yields), level=3)
    failures = rows.list_failures()
    yield (
        Section("Failures", table=Table(_FAILURE, failures))
        if failures
        else Section("Failures", [Line("none")])
    )
    yield Section("Changes", [Line(rows.describe_changes())])
    if statuses := rows.list_statuses():
        yield Section("Statuses", table=Table(("target", "before", "after"), statuses), level=3)
    if moved := rows.list_moved():
        yield Section("Moved values", table=Table(_MOVED, moved), level=3)
    yield Section("How each value was measured")
    for target, values in rows.list_measured():
        cells = [
            (one.name, one.value, one.task, one.execution, one.at, one.by, one.settings, one.inputs, one.software, one.notes)
            for one in values
        ]  # fmt: skip
        yield Section(target, table=Table(_MEASURED, cells), level=3)
    if software := rows.list_software():
        yield Section("Software", _list_facts(software))


def _list_facts(facts: Iterable[tuple[str, str]]) -> list[Line]:
    return [Line(f"{name}: {text}") for name, text in facts]
