"""Flows that users wrote, as they are registered."""

from typing import Any

from qdash_core.models.base import Record


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


class FlowVersionModel(FlowModel):
    """A flow as one change left it. The one with the highest number is the flow as it is now."""
