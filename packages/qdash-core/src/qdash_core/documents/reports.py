"""View model of a written report."""

from __future__ import annotations

from pydantic import ConfigDict

from qdash_core.documents.base import Document


class ReportSummary(Document):
    """A report that was written to a file."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"file": "report.html", "bytes": 1_204_113, "figures": 312, "seconds": 3.41}]
        }
    )

    file: str
    bytes: int
    """Size of the file."""
    figures: int
    """Number of figures of results."""
    seconds: float
    """Duration of the command."""
