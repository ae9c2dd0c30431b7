"""Citations of the records that the answer of an operation shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.assistant_tools.shown_references import CITE
from qdash_core.assistant_tools.tool import cite
from qdash_core.models.quantities import format_quantity
from qdash_core.models.references import RecordKind, Reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_WHOLE_VALUES = 50
"""Maximum number of values of a chip that are shown with times and results."""
_LEFT_OUT = (CITE, "points", "raw_data_path", "project_id")
"""Fields that a model does not need; `metric_history` has the points of a trend. No text of the record is a citation."""
_KINDS = ("qubits", "couplings")
_PARAMETERS = ("input_parameters", "output_parameters")


def add_citations(document: Any, chip_id: str = "") -> Any:
    """Return a document with the citations of the chips, values, changes of values, notes and tasks that it shows.

    Each is in the field `cite` of its object. Results, executions and issues are cited by the ids in their fields. Parameters of listed results
    are texts.

    Parameters
    ----------
    document : object
        JSON values.
    chip_id : str
        Chip of the values in a document that does not name it; empty if unknown.
    """
    if isinstance(document, list):
        return [_write_parameters(add_citations(one, chip_id)) for one in document]
    if not isinstance(document, dict):
        return document
    chip_id = document.get("chip_id") or chip_id
    made = {name: add_citations(one, chip_id) for name, one in document.items() if name not in _LEFT_OUT}
    if reference := _find_reference(document, chip_id):
        made = {CITE: str(reference), **made}
    if chip_id:
        for target, name, value in _list_values(made):
            value[CITE] = cite_value(chip_id, target, name)
    values = [value for _, _, value in _list_values(made)]
    if len(values) > _MOST_WHOLE_VALUES and all(CITE in one for one in values):
        rest = {name: one for name, one in made.items() if name not in _KINDS}
        return {**rest, "values": [_shorten(one) for one in values]}
    return made


def cite_chip(chip_id: str) -> str:
    """Return the citation of a chip."""
    return cite(RecordKind.CHIP, chip_id)


def cite_value(chip_id: str, target: str, name: str) -> str:
    """Return the citation of a value."""
    return cite(RecordKind.VALUE, f"{chip_id}/{target}/{name}")


def _find_reference(document: Mapping[str, Any], chip_id: str) -> Reference | None:
    """Return the reference to the record that a document is, or None."""
    match document:
        case {"chip_id": str(), "topology_id": _}:
            return Reference(RecordKind.CHIP, chip_id)
        case {"seq": int(seq), "scope": _, "actor": _}:
            return Reference(RecordKind.NOTE, str(seq))
        case {"number": int(number), "chip_id": str(), "kind": _, "created_at": _}:
            return Reference(RecordKind.VALUE_CHANGE, f"{chip_id}/{number}")
        case {"target": str(target), "metric": str(metric), "change_points": _} if chip_id:
            return Reference(RecordKind.VALUE, f"{chip_id}/{target}/{metric}")
        case {"name": str(name), "aliases": _, "task_type": _}:
            return Reference(RecordKind.TASK, name)
    return None


def _list_values(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the values of a chip by target and metric, those of a target, and the best one of each metric."""
    match document:
        case {"id": str(target), "values": dict(values)}:
            yield from _list_whole(target, values)
    for kind in _KINDS:
        for outer, found in _get_fields(document.get(kind)):
            if isinstance(found, dict) and isinstance(best := found.get("best"), dict):
                yield str(best.get("target")), outer, best
            else:
                yield from _list_whole(outer, found)


def _list_whole(target: str, values: object) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, value in _get_fields(values):
        if isinstance(value, dict) and "value" in value:
            yield target, name, value


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
