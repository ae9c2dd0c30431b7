"""View models of the problems of a flow's source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import AliasPath, Field

from qdash_builtin.flows.views.saved_flows import CheckedSourceDocument
from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from qdash_builtin.flows.flow_sources import SourceReport


class FlowProblemDocument(Document):
    """Name in a flow that does not exist here, with its line and the alternative."""

    line: int
    problem: str = Field(validation_alias=AliasPath("message"))
    alternative: str | None = None


class LocatedProblemDocument(FlowProblemDocument):
    """Problem at a place of a flow's source."""

    column: int
    """Character in the line, from 1."""
    severity: Literal["error", "warning"]
    """`error` if the source cannot be saved; `warning` if it can, but may fail or do something else."""


class SourceReportDocument(Document):
    """All problems of a source, in order of its lines. None of its code was run."""

    problems: list[LocatedProblemDocument]
    checked: CheckedSourceDocument | None = None
    """The entry function and its parameters; absent if the source cannot be saved."""
    save_obstacle: str | None = None
    """Reason why the caller may not save flows in the project; absent if they may."""

    @classmethod
    def from_report(cls, report: SourceReport, save_obstacle: str | None) -> Self:
        """Return the view model of a report for a user."""
        checked = None if report.checked is None else CheckedSourceDocument.from_source(report.checked)
        return cls(
            problems=[LocatedProblemDocument.from_record(one) for one in report.problems],
            checked=checked,
            save_obstacle=save_obstacle,
        )
