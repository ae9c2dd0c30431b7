"""Formats of reports, each with its renderer and the suffix of its files."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.reports.report import Report


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
    match name:
        case ReportFormat.HTML:
            from qdash_core.reports.html import render_html

            return render_html(report)
        case ReportFormat.MARKDOWN:
            from qdash_core.reports.markdown import render_markdown

            return render_markdown(report)
        case _:
            assert_never(name)
