"""Formats of reports: the page of a report, and its text in each format."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from qdash_builtin.reports.chip_maps import ChipMap
from qdash_builtin.reports.figure_sections import iter_figures, iter_maps, place_qubits
from qdash_builtin.reports.rows import ReportRows
from qdash_builtin.text_pages.html import iter_html
from qdash_builtin.text_pages.markdown import iter_markdown
from qdash_builtin.text_pages.page import Page
from qdash_builtin.text_pages.sections import Section, Table
from qdash_core.models.quantities import format_count
from qdash_core.models.targets import TARGET_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qdash_builtin.reports.report import Report

_YIELD = ("Metric", "Values", "Yield", "Median", "Best", "Specification", "Marks")
_FAILURE = ("Target", "Status", "Task", "Reason", "Execution")
_STATUS = ("Target", "Before", "After", "Shared by")
_MOVED = ("Target", "Parameter", "Before", "After", "Difference", "Shared by")
_MEASURED = (
    "Parameter", "Value", "Task", "Execution", "Time", "By", "Settings", "Inputs", "Software", "Remarks"
)  # fmt: skip
_FACT = ("Title", "Text", "By", "Time", "Details")
_NO_VALUES = "There are no values."
_PIECE = 256 * 1024
"""Number of characters that are sent at once."""


class ReportFormat(StrEnum):
    """Format of a report."""

    HTML = "html"
    MARKDOWN = "markdown"
    """The tables, without figures."""

    @property
    def suffix(self) -> str:
        """Suffix of its files."""
        return ".html" if self is ReportFormat.HTML else ".md"


def render_report(report: Report, name: ReportFormat) -> Iterator[bytes]:
    """Yield a report in a format, in pieces."""
    rows, title = ReportRows(report), str(report.subject)
    if name is ReportFormat.MARKDOWN:
        page = Page(title, (), _iter_sections(report, rows), rows.list_facts())
        return _encode_pieces(iter_markdown(page))
    chip_map = ChipMap(report.contents.chip, report.contents.statuses)
    sections, style = _iter_sections(report, rows, chip_map), place_qubits(chip_map.places)
    return _encode_pieces(iter_html(Page(title, (), sections, rows.list_facts(), style)))


def _iter_sections(report: Report, rows: ReportRows, chip_map: ChipMap | None = None) -> Iterator[Section]:
    """Yield the sections of a report, those with drawings only if there is a map."""
    yield Section("Summary", facts=rows.list_summary(), anchor="summary")
    yields = {f"{kind.capitalize()}s": found for kind in TARGET_KINDS if (found := rows.list_yields(kind))}
    yield Section("Yield", anchor="yield", text="" if yields else _NO_VALUES)
    for title, found in yields.items():
        yield Section(title, table=Table(_YIELD, found), level=3)
    if chip_map is not None:
        yield from iter_maps(report, rows, chip_map)
    failures = rows.list_failures()
    table = Table(_FAILURE, failures) if failures else None
    yield Section("Failures", anchor="failures", table=table, text="" if failures else "None.")
    yield Section("Changes", anchor="changes", text=rows.describe_changes())
    if statuses := rows.list_statuses():
        yield Section("Statuses and fitness", table=Table(_STATUS, statuses), level=3)
    if moved := rows.list_moved():
        yield Section("Moved values", table=Table(_MOVED, moved), level=3)
    yield from _iter_facts(report, rows)
    if chip_map is not None:
        yield from iter_figures(report, chip_map)
    measured = rows.list_measured()
    software = [(f"Software {letter}", versions) for letter, versions in rows.list_software()]
    text = "" if measured else _NO_VALUES
    yield Section("How each value was measured", anchor="measured", facts=software, text=text)
    for target, values in measured:
        note = format_count(len(values), "value")
        yield Section(target, table=Table(_MEASURED, values), level=3, folded=True, note=note)


def _iter_facts(report: Report, rows: ReportRows) -> Iterator[Section]:
    """Yield what features know about the subject, such as notes, if they know anything."""
    if report.found.facts or report.found.missing:
        missing = ". ".join(report.found.missing)
        yield Section("Related texts", anchor="related", text=missing)
        for heading, found in rows.list_facts_by_heading().items():
            yield Section(heading, table=Table(_FACT, found), level=3)


def _encode_pieces(stream: Iterable[str]) -> Iterator[bytes]:
    """Yield parts of a text in large pieces."""
    piece: list[str] = []
    size = 0
    for part in stream:
        piece.append(part)
        size += len(part)
        if size >= _PIECE:
            yield "".join(piece).encode()
            piece, size = [], 0
    yield "".join(piece).encode()
