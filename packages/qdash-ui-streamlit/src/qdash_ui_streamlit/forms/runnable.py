"""What can be run on a chip: flows and tasks, what each is run on, and what it can be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from qdash_core.documents.tasks import RunParameterDocument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.documents.saved_flows import FlowFormDocument, FlowViewDocument
    from qdash_core.documents.tasks import TaskOnChip

Kind = Literal["qubit", "coupling", "either", "chip"]
"""What something is run on: `either` is a flow, which takes qubits or couplings; `chip` takes none."""
_TYPES = {"integer": "int", "number": "float", "boolean": "bool", "string": "str"}
_KINDS: Mapping[str, Kind] = {"coupling": "coupling", "global": "chip", "system": "chip"}


@dataclass(frozen=True, slots=True)
class Runnable:
    """A flow or a task.

    Parameters
    ----------
    name : str
        By which a run is asked for.
    kind : str
        What it is run on.
    description : str
        What it does.
    tasks : tuple of str
        What it measures, in order, where that is known.
    fields : mapping
        What it can be told, by name.
    required : frozenset of str
        Which of these it has to be told.
    written : bool
        Whether it is a flow that somebody wrote: then `fields` are the arguments of its function.
    outputs : frozenset of str
        The parameters that a task makes.
    """

    name: str
    kind: Kind
    description: str = ""
    tasks: tuple[str, ...] = ()
    fields: Mapping[str, RunParameterDocument] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    written: bool = False
    outputs: frozenset[str] = frozenset()


def of_task(task: TaskOnChip) -> Runnable:
    """Return a task as it is run by itself."""
    return Runnable(
        task.name,
        _KINDS.get(task.task_type, "qubit"),
        task.description,
        (task.name,),
        task.run_parameters,
        outputs=frozenset(task.output_parameters),
    )


def of_flow(view: FlowViewDocument) -> Runnable:
    """Return a flow of a plugin, or one that somebody wrote."""
    if view.installed is not None:
        return Runnable(
            view.installed.name, "either", view.installed.description, tuple(view.installed.tasks)
        )
    assert view.saved is not None
    saved = view.saved
    form = saved.form
    return Runnable(
        saved.name,
        "either",
        saved.description,
        fields={} if form is None else _arguments(form),
        required=frozenset() if form is None else frozenset(form.parameters.get("required", ())),
        written=True,
    )


def _arguments(form: FlowFormDocument) -> dict[str, RunParameterDocument]:
    """Return the arguments of a function as run parameters are declared; what has no plain type is JSON."""
    properties: dict[str, dict[str, Any]] = form.parameters.get("properties", {})
    return {
        name: RunParameterDocument(
            value=said.get("default"),
            value_type=_TYPES.get(str(said.get("type")), "json"),
            unit="",
            minimum=said.get("minimum"),
            maximum=said.get("maximum"),
            choices=said.get("enum"),
            description=said.get("description", ""),
        )
        for name, said in properties.items()
    }
