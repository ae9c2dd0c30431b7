"""View models of reports."""

from __future__ import annotations

from qdash_core.documents.base import Document


class ReportPageDocument(Document):
    """A report as one page."""

    title: str
    n_figures: int
    """Number of figures of results."""
    contents: str
    """The page, in HTML or Markdown."""


class ReportSummary(Document):
    """A report that was written to a file."""

    file: str
    bytes: int
    """Size of the file."""
    figures: int
    """Number of figures of results."""
    seconds: float
    """Duration of the command."""
