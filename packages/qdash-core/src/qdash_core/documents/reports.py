"""View model of a written report."""

from __future__ import annotations

from qdash_core.documents.base import Document


class ReportSummary(Document):
    """A report that was written to a file."""

    file: str
    bytes: int
    """Size of the file."""
    figures: int
    """Number of figures of results."""
    seconds: float
    """Duration of the command."""
