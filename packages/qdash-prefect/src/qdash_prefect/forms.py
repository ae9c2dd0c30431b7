"""Parameter forms of flows in Prefect, as JSON Schema, and the run request made from their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from qdash_core.errors import InvalidInputError
from qdash_core.models.error_messages import describe_error
from qdash_core.models.request import RunRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.flows.user_flow_source import SavedFlow

_NAMES = {"type": "array", "items": {"type": "string"}}
_USERNAME = {"type": "string", "description": "User who requests the run."}
_CHIP = {"type": "string", "description": "Chip to calibrate."}
_QUBITS = {
    **_NAMES,
    "description": "Qubits to measure, such as Q07 or the range 0-3; empty: all that the flow measures.",
}
_COUPLINGS = {**_NAMES, "description": "Couplings to measure, instead of qubits."}
_EXCLUDED = {**_NAMES, "description": "Qubits to exclude, such as Q07 or the range 0-3."}
_TAGS = {**_NAMES, "description": "Tags of the run and of its results."}
_RUN_PARAMETERS = {
    "type": "object",
    "description": 'Run parameters, for all tasks or by task: {"shots": 2048, "CheckT1": {"shots": 4096}}.',
}
_REQUEST_FIELDS = ("username", "chip_id", "project_id", "flow_name", "qids", "tags", "execution_id")
"""Parameters that are fields of the request itself, and not in its `parameters`."""


def make_template_form(username: str, project_id: str) -> dict[str, Any]:
    """Return the schema of the parameters of a plugin's flow, with default user and project."""
    return {
        "type": "object",
        "properties": {
            "chip_id": _CHIP,
            "qids": _QUBITS,
            "couplings": _COUPLINGS,
            "exclude": _EXCLUDED,
            "run_parameters": _RUN_PARAMETERS,
            "tags": _TAGS,
            "username": {**_USERNAME, "default": username},
            "project_id": {"type": "string", "description": "Project of the run.", "default": project_id},
        },
        "required": ["chip_id"],
    }


def make_saved_flow_form(flow: SavedFlow) -> dict[str, Any]:
    """Return the schema of the parameters of a saved flow: those of its function, and those of every run."""
    chip = {**_CHIP, "default": flow.chip_id} if flow.chip_id else _CHIP
    needed = [*flow.form["required"]]
    known = {"username", "project_id", "flow_name", "tags"} | ({"chip_id"} if flow.chip_id else set())
    return {
        "type": "object",
        "properties": {
            "chip_id": chip,
            "qids": _QUBITS,
            **flow.form["properties"],
            "tags": _TAGS,
            "username": {**_USERNAME, "default": flow.username},
        },
        "required": [name for name in needed if name not in known],
    }


def make_run_request(flow: str, parameters: Mapping[str, Any], *, saved: bool) -> RunRequest:
    """Return the run request for the parameters of a flow run, without user and project.

    Function parameters of a `saved` flow become parameters of the run. Raises InvalidInputError with the name of an
    invalid one.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    try:
        targets = {"qubits": _normalise_names(given.get("qids"))}
        rest = {name: value for name, value in given.items() if name not in _REQUEST_FIELDS}
        if not saved:
            targets["couplings"] = _normalise_names(rest.pop("couplings", None))
            targets["exclude"] = _normalise_names(rest.pop("exclude", None)) or ()
        wanted = {
            "flow": flow,
            "chip_id": given.get("chip_id"),
            "targets": targets,
            "tags": given.get("tags", ()),
            "run_parameters": {} if saved else rest.pop("run_parameters", {}),
            "parameters": rest,
        }
        return RunRequest.model_validate(wanted)
    except ValidationError as error:
        raise InvalidInputError(f"flow {flow!r}: {describe_error(error.errors()[0])}") from error


def _normalise_names(given: Any) -> Any:
    """Return names as text, or None if there are none; other values stay unchanged, for validation later."""
    return [str(name) for name in given] if isinstance(given, list) and given else given or None


def make_flow_parameters(request: RunRequest, *, project_id: str) -> dict[str, Any]:
    """Return the run parameters shown in Prefect's interface: the arguments of its flow."""
    qubits = request.targets.qubits
    parameters = {
        "username": request.username,
        "chip_id": request.chip_id,
        "qids": None if qubits is None else list(qubits),
        "tags": list(request.tags) or None,
        **({"run_parameters": request.run_parameters} if request.run_parameters else {}),
        **request.parameters,
        "project_id": project_id,
        "flow_name": request.flow,
    }
    return {name: value for name, value in parameters.items() if value is not None}
