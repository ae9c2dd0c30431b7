"""Citations of the records that the answer of an operation shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

from qdash_builtin.conversations.tools.shown_references import CITE
from qdash_builtin.conversations.tools.tool import cite
from qdash_core.documents.base import Document
from qdash_core.models.quantities import format_quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.documents.base import CitedPart

_MOST_WHOLE_VALUES = 50
"""Maximum number of values of a chip that are shown with times and results."""
_LEFT_OUT = (CITE, "points", "raw_data_path", "project_id")
"""Fields that a model does not need; `metric_history` has the points of a trend. No text of the record is a citation."""
_PARAMETERS = ("input_parameters", "output_parameters")


def add_citations(document: Document, chip_id: str = "") -> dict[str, Any]:
    """Return the JSON of a view model with the citations that it and those in it declare.

    Each is in the field `cite` of its object. Results, executions and issues are cited by the ids in their fields. Parameters of listed results
    are texts. `chip_id` is the chip of values in a view model that names none; empty if unknown.
    """
    cited: dict[str, Any] = _add(document, document.as_json(), chip_id)
    return cited


def _add(model: object, shown: Any, chip_id: str) -> Any:
    """Return the JSON of a view model, or of a value in one, with citations."""
    if isinstance(shown, list):
        models = model if isinstance(model, Sequence) else repeat(None)
        return [_write_parameters(_add(one, part, chip_id)) for one, part in zip(models, shown, strict=False)]
    if not isinstance(shown, dict):
        return shown
    chip_id = shown.get("chip_id") or chip_id
    made = {
        name: _add(_get_part(model, name), one, chip_id)
        for name, one in shown.items()
        if name not in _LEFT_OUT
    }
    if not isinstance(model, Document):
        return made
    values, listed = list[dict[str, Any]](), set[str]()
    known = {**made, "chip_id": chip_id} if chip_id else {**made}
    for declared in model.cited_as:
        first, *rest = declared.path.split(".")
        if not first and (citation := _cite(declared, known)):
            made = {CITE: citation, **made}
        for names, part in _find_parts(made.get(first), rest, ()):
            if "value" in part and (citation := _cite(declared, {**part, **known}, names)):
                part[CITE] = citation
                values.append(part)
                listed.add(first)
    if len(values) > _MOST_WHOLE_VALUES:
        others = {name: one for name, one in made.items() if name not in listed}
        return {**others, "values": [_shorten(one) for one in values]}
    return made


def cite_chip(chip_id: str) -> str:
    """Return the citation of a chip."""
    return cite("chip", chip_id)


def cite_value(chip_id: str, target: str, name: str) -> str:
    """Return the citation of a value."""
    return cite("value", f"{chip_id}/{target}/{name}")


def _get_part(model: object, name: str) -> object:
    return model.get(name) if isinstance(model, Mapping) else getattr(model, name, None)


def _cite(declared: CitedPart, fields: Mapping[str, Any], names: Sequence[str] = ()) -> str | None:
    """Return the declared citation, or None if a part of its id is unknown."""
    try:
        return cite(declared.kind, declared.id.format(*names, **fields))
    except KeyError:
        return None


def _find_parts(
    shown: Any, path: Sequence[str], names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield the objects at a path, each with the names at its `*`."""
    if not isinstance(shown, dict):
        return
    if not path:
        yield names, shown
        return
    first, *rest = path
    for name in shown if first == "*" else (first,):
        yield from _find_parts(shown.get(name), rest, (*names, name) if first == "*" else names)


def _get_fields(document: object) -> list[tuple[str, Any]]:
    return [*document.items()] if isinstance(document, dict) else []


def _shorten(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value with its citation as text, and its marks."""
    marks = {name: value[name] for name in ("marks", "out_of_spec") if value.get(name)}
    return {CITE: value[CITE], "value": _write_quantity(value), **marks}


def _write_parameters(listed: Any) -> Any:
    """Return an entry of a list with the parameters of a result as texts."""
    if not isinstance(listed, dict):
        return listed
    written = {
        name: {
            key: _write_quantity(one) if isinstance(one, dict) and "value" in one else one
            for key, one in _get_fields(listed.get(name))
        }
        for name in _PARAMETERS
        if name in listed and "task_id" in listed
    }
    return {**listed, **written}


def _write_quantity(value: Mapping[str, Any]) -> Any:
    """Return a value with its error and unit as text; one that is no number unchanged."""
    number = value["value"]
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        return number
    return format_quantity(float(number), value.get("error"), value.get("unit", ""))
