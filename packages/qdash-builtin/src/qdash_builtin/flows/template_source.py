"""Copies of flows: the source of a user's flow that does the same as an installed or saved one, as a start for one's own."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from qdash_builtin.flows.catalogue import find_flow
from qdash_core.errors import ConflictError, InvalidInputError, StaleError
from qdash_core.flows.task_selection import select_steps
from qdash_core.hooks.flows import FlowTemplate
from qdash_core.models.base import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.flows.model import FlowModel
    from qdash_builtin.flows.saved_flows import SavedFlows
    from qdash_core.hooks.flows import Step
    from qdash_core.models.access import Access
    from qdash_core.runtime.runtime import Runtime

_TARGETS = "qdash_core.flows.targets"
_LONGEST = 100
"""Longest line of an argument."""
_INDENT = "    "


def find_flow_source(
    runtime: Runtime, access: Access, name: str, *, saved: SavedFlows, chip_id: str | None = None
) -> str:
    """Return a source that does the same as a flow: that of a saved flow, or one made from a plugin's.

    Raises
    ------
    NotFoundError
        If there is no such flow or chip.
    InvalidInputError
        If a saved flow was kept without its source; else as `write_template_source`.
    """
    found = find_flow(access, name, registry=runtime.registry, saved=saved)
    if isinstance(found, FlowTemplate):
        return write_template_source(runtime, access, found, chip_id)
    if not found.source:
        raise InvalidInputError(f"flow {name!r} was kept without its source: save it again")
    return found.source


def copy_flow(
    runtime: Runtime,
    access: Access,
    name: str,
    copy: str,
    *,
    saved: SavedFlows,
    chip_id: str | None = None,
) -> FlowModel:
    """Save a flow that does the same as another one, under a new name, and return it.

    A copy of a saved flow keeps its function, description, tags and chip.

    Raises
    ------
    ConflictError
        If there is a flow with the new name.
    NotFoundError, InvalidInputError, AccessDeniedError
        As `find_flow_source` and `SavedFlows.save`.
    """
    source = find_flow_source(runtime, access, name, saved=saved, chip_id=chip_id)
    kept: dict[str, Any] = {}
    if name not in runtime.registry.flows():
        flow = saved.show(access, name)
        kept = {
            "function": flow.flow_function_name,
            "chip_id": flow.chip_id,
            "description": flow.description,
            "tags": flow.tags,
        }
    try:
        return saved.save(access, copy, source, as_of=NEVER, **kept)
    except StaleError as error:
        raise ConflictError(f"there is a flow {copy!r}: choose another name") from error


def write_template_source(
    runtime: Runtime, access: Access, template: FlowTemplate, chip_id: str | None = None
) -> str:
    """Return the source of a function that runs the steps of an installed flow on qubits of a chip, by default all.

    Parameters
    ----------
    chip_id : str or None
        Chip whose backend runs it: tasks that the flow omits there are left out. Or None for all tasks.

    Raises
    ------
    NotFoundError
        If there is no such chip.
    InvalidInputError
        If nothing of the flow runs on the chip, or a step has no source.
    """
    steps: Sequence[Step] = template.steps
    if chip_id is not None:
        chip = runtime.chip_record.show(access.project_id, chip_id)
        catalogue = runtime.get_catalogue(access.project_id, chip_id)
        steps = select_steps(steps, list(chip.qubits), chip, runtime.registry, catalogue).steps
    imports: dict[str, set[str]] = {_TARGETS: {"AllMuxTargets", "QubitTargets"}}
    for step in steps:
        imports.setdefault(type(step).__module__, set()).add(type(step).__name__)
    lines = [f"from {home} import {', '.join(sorted(names))}" for home, names in sorted(imports.items())]
    description = template.description.replace("\\", "\\\\").replace('"', "'").strip()
    calls = "".join(f"{_write_step(step, template.name)},\n" for step in steps)
    return (
        f"from qdash_core import CalibService\n{chr(10).join(lines)}\n\n\n"
        f"def {_make_function_name(template.name)}(username, chip_id, project_id, flow_name, qids=None, tags=()):\n"
        f'    """{description}"""\n'
        "    cal = CalibService(username, chip_id, project_id=project_id, flow_name=flow_name, tags=tags)\n"
        "    cal.run(\n"
        "        QubitTargets(qids) if qids else AllMuxTargets(),\n"
        f"        steps=[\n{calls}        ],\n"
        "    )\n"
        "    cal.finish_calibration()\n"
    )


def _make_function_name(name: str) -> str:
    found = re.sub(r"\W", "_", name, flags=re.ASCII).lstrip("_")
    return found if found.isidentifier() and not keyword.iskeyword(found) else f"flow_{found}"


def _write_step(step: Step, flow: str) -> str:
    kind = type(step)
    if not is_dataclass(step) or "." in kind.__qualname__:
        raise InvalidInputError(
            f"step {kind.__name__} of flow {flow!r} has no source: use the flow as it is, or begin with another"
        )
    given = []
    for field in fields(step):
        value = getattr(step, field.name)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if field.init and value != default:
            given.append(f"{field.name}={_write_value(value, kind.__name__)}")
    indent = 3 * _INDENT
    line = f"{kind.__name__}({', '.join(given)})"
    if len(line) <= _LONGEST:
        return indent + line
    inner = "".join(f"{indent}{_INDENT}{_wrap_list(one, indent + _INDENT)},\n" for one in given)
    return f"{indent}{kind.__name__}(\n{inner}{indent})"


def _wrap_list(text: str, indent: str) -> str:
    """Return an argument with each item of a list of names in its own line, which is easy to edit."""
    if not text.endswith('"]'):
        return text
    name, _, items = text.partition("=[")
    inner = "".join(f"{indent}{_INDENT}{one},\n" for one in items.removesuffix("]").split(", "))
    return f"{name}=[\n{inner}{indent}]"


def _write_value(value: Any, step: str) -> str:
    """Return a literal."""
    match value:
        case None | bool() | int() | float():
            return repr(value)
        case str():
            text = repr(str(value))
            return text if '"' in text else f'"{text[1:-1]}"'
        case Mapping():
            pairs = (f"{_write_value(key, step)}: {_write_value(one, step)}" for key, one in value.items())
            return f"{{{', '.join(pairs)}}}"
        case tuple() | list():
            return f"[{', '.join(_write_value(one, step) for one in value)}]"
    raise InvalidInputError(f"step {step} has a value without a source: {value!r}")
