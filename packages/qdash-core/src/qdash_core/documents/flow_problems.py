"""View models of the problems of a flow's source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import AliasPath, ConfigDict, Field

from qdash_core.documents.base import Document
from qdash_core.documents.saved_flows import CHECKED_EXAMPLE, CheckedSourceDocument

if TYPE_CHECKING:
    from qdash_core.projects.flow_sources import SourceReport

_PROBLEM: dict[str, Any] = {
    "line": 12,
    "problem": "there is no module qdash.dbmodel.initialize",
    "alternative": "the store opens itself: omit the call",
}
_LOCATED: dict[str, Any] = {
    "line": 8,
    "problem": "undefined name 'CustomOneQubit'",
    "alternative": "from qdash_core.flows.steps import CustomOneQubit",
    "column": 40,
    "severity": "warning",
}


class FlowProblemDocument(Document):
    """Name in a flow that does not exist here, with its line and the alternative."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROBLEM]})

    line: int
    problem: str = Field(validation_alias=AliasPath("message"))
    alternative: str | None = None


class LocatedProblemDocument(FlowProblemDocument):
    """Problem at a place of a flow's source."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LOCATED]})

    column: int
    """Character in the line, from 1."""
    severity: Literal["error", "warning"]
    """`error` if the source cannot be saved; `warning` if it can, but may fail or do something else."""


class SourceReportDocument(Document):
    """All problems of a source, in order of its lines. None of its code was run."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"problems": [_LOCATED], "checked": CHECKED_EXAMPLE}]}
    )

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
