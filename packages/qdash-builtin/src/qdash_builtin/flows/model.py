"""Registered flows of users."""

from typing import Any

from qdash_core.models.base import Record, UtcDatetime, Value


class FlowForm(Value):
    """Parameters of a flow function, described for a form."""

    parameters: dict[str, Any]
    """JSON Schema of the object `RunRequest.parameters`, from the types in the function's signature."""
    given: tuple[str, ...] = ()
    """Arguments that the run fills in from the rest of its request: `chip_id`, `qids`, `tags`, ..."""

    @property
    def defaults(self) -> dict[str, Any]:
        """Default of each parameter that has one."""
        properties = self.parameters.get("properties", {})
        return {name: one["default"] for name, one in properties.items() if "default" in one}


class FlowModel(Record):
    """The current version of a flow."""

    project_id: str
    name: str
    username: str
    """The user who registered it."""
    chip_id: str
    description: str = ""
    flow_function_name: str
    default_parameters: dict[str, Any] = {}
    """Defaults in the signature of its function, without arguments that each run fills in."""
    file_path: str
    """The Python file, relative to the folder of flows."""
    deployment_id: str | None = None
    """Id of its deployment in Prefect, which a worker with the runner `prefect` makes; None until then."""
    tags: list[str] = []
    version: int = 1
    """Incremented by every change."""
    sha256: str = ""
    """SHA-256 of the source, or empty if the source is only in a file."""
    form: FlowForm | None = None
    """Parameters of its function, or None if unknown."""


class FlowVersionModel(FlowModel):
    """One version of a flow. The highest number is the current version."""

    source: str = ""
    """Its source, or empty if it is only in a file."""
    deleted_by: str = ""
    """The user who deleted the flow when this was its newest version, or empty."""
    deleted_at: UtcDatetime | None = None
    """Time of that deletion. None if there was none, or an earlier version of QDash deleted it."""
