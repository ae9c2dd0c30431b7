"""View models for the authors of flows: names that flows can use, and sources to begin with."""

from __future__ import annotations

from typing import Literal

from qdash_core.documents.base import Document, OmitEmpty


class FlowNameDocument(Document):
    """Name that a flow can use."""

    name: str
    kind: Literal["service", "method", "step", "targets", "task", "parameter", "argument"]
    """`service`: CalibService; `parameter`: run parameter of tasks; `argument`: of the flow's function, which the run provides."""
    signature: str
    """Arguments of a call; outputs of a task; tasks with a run parameter."""
    description: str
    module: OmitEmpty[str] = None
    """Module from which it is imported."""


class FlowSourceDocument(Document):
    """Source that does the same as a flow, as a start for another."""

    name: str
    """The flow from which it was made."""
    source: str
