"""Flows and tasks in a common form: their kind of target and their parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_builtin.runs.views.tasks import RunParameterDocument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.flows.views.saved_flows import FlowFormDocument, FlowViewDocument
    from qdash_builtin.runs.views.tasks import TaskOnChip
    from qdash_ui_streamlit.display.target_lists import Kind

_TYPES = {"integer": "int", "number": "float", "boolean": "bool", "string": "str"}
_KINDS: Mapping[str, Kind] = {"coupling": "coupling", "global": "chip", "system": "chip"}


@dataclass(frozen=True, slots=True)
class Runnable:
    """Flow or task that can be run on a kind of target, by its name in the run request.

    Parameters
    ----------
    tasks : tuple of str
        Tasks in order, if known.
    fields : mapping
        Run parameters by name, or the arguments of the function of a user's flow.
    """

    name: str
    kind: Kind
    description: str = ""
    tasks: tuple[str, ...] = ()
    fields: Mapping[str, RunParameterDocument] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    is_user_flow: bool = False
    outputs: frozenset[str] = frozenset()


def make_task_runnable(task: TaskOnChip) -> Runnable:
    """Return a single task as a runnable."""
    return Runnable(
        task.name,
        _KINDS.get(task.task_type, "qubit"),
        task.description,
        (task.name,),
        task.run_parameters,
        outputs=frozenset(task.output_parameters),
    )


def make_flow_runnable(view: FlowViewDocument) -> Runnable:
    """Return a flow of a plugin or of a user as a runnable."""
    if view.installed is not None:
        return Runnable(
            view.installed.name, "either", view.installed.description, tuple(view.installed.tasks)
        )
    assert view.saved is not None
    saved = view.saved
    form = saved.form
    return Runnable(
        saved.name,
        "qubit" if form is None or "qids" in form.given else "chip",
        saved.description,
        fields={} if form is None else _make_fields(form),
        required=frozenset() if form is None else frozenset(form.parameters.get("required", ())),
        is_user_flow=True,
    )


def _make_fields(form: FlowFormDocument) -> dict[str, RunParameterDocument]:
    """Return the arguments of a function as run parameters; those without a simple type are JSON."""
    properties: dict[str, dict[str, Any]] = form.parameters.get("properties", {})
    return {
        name: RunParameterDocument(
            value=text.get("default"),
            value_type=_TYPES.get(str(text.get("type")), "json"),
            unit="",
            minimum=text.get("minimum"),
            maximum=text.get("maximum"),
            choices=text.get("enum"),
            description=text.get("description", ""),
        )
        for name, text in properties.items()
    }
