"""Flows that users wrote, as they are registered."""

from typing import Any

from qdash_core.models.base import Record, Value


class FlowForm(Value):
    """What a function takes, as a form can ask for it."""

    parameters: dict[str, Any]
    """JSON Schema of an object: what `RunRequest.parameters` may hold. Types are those that its signature names."""
    given: tuple[str, ...] = ()
    """Arguments that the run itself gives: `chip_id`, `qids`, `tags`, .., of what else its request says."""


class FlowModel(Record):
    """A flow as it is now."""

    project_id: str
    name: str
    username: str
    """Who registered it."""
    chip_id: str
    description: str = ""
    flow_function_name: str
    default_parameters: dict[str, Any] = {}
    file_path: str
    """The Python file, relative to the folder of flows."""
    deployment_id: str | None = None
    """Under which Prefect knows it."""
    tags: list[str] = []
    version: int = 1
    """Grows with every change."""
    sha256: str = ""
    """Of the source; empty: it is not kept, the code lies in a file."""
    form: FlowForm | None = None
    """What its function takes; None: not known."""


class FlowVersionModel(FlowModel):
    """A flow as one change left it. The one with the highest number is the flow as it is now."""

    source: str = ""
    """Its code; empty: it lies in a file."""
