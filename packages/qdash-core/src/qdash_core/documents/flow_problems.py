"""View model of a name in a flow that does not exist here."""

from __future__ import annotations

from typing import Any

from pydantic import AliasPath, ConfigDict, Field

from qdash_core.documents.base import Document

_PROBLEM: dict[str, Any] = {
    "line": 12,
    "problem": "there is no module qdash.dbmodel.initialize",
    "alternative": "the store opens itself: omit the call",
}


class FlowProblemDocument(Document):
    """Name in a flow that does not exist here, with its line and the alternative."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROBLEM]})

    line: int
    problem: str = Field(validation_alias=AliasPath("message"))
    alternative: str | None = None
