"""View model of a name in a flow that does not exist here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from qdash_core.projects.source_check import SourceProblem

_PROBLEM: dict[str, Any] = {
    "line": 12,
    "problem": "there is no module qdash.dbmodel.initialize",
    "alternative": "the store opens itself: omit the call",
}


class FlowProblemDocument(Document):
    """Name in a flow that does not exist here, with its line and the alternative."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROBLEM]})

    line: int
    problem: str
    alternative: str | None = None

    @classmethod
    def from_problem(cls, problem: SourceProblem) -> Self:
        """Return the view model of a problem."""
        return cls(line=problem.line, problem=problem.message, alternative=problem.alternative)
