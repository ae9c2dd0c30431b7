"""Values of QDash in the library's parameter files; other content, comments and order are preserved."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from qdash_core import InvalidInputError
from qdash_qubex.files import read_yaml
from qdash_qubex.names import make_target_id
from qdash_qubex.parameters import FILE_PARAMETERS, convert_value, get_base_unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qdash_core import Parameter
    from qdash_qubex.names import Names
    from qdash_qubex.parameters import FileParameter


def make_parameter_files(
    params: Path,
    values: Mapping[str, Mapping[str, Parameter]],
    names: Names,
    *,
    controls: Mapping[str, str],
) -> dict[str, str]:
    """Return the new text of each parameter file that values change, by file name.

    Other contents of the parameter folder, existing or not, are preserved; a number keeps the unit of its file. Values
    are by qubit (`"0"`) and coupling (`"0-1"`). Couplings without a control are omitted: the library's labels need it.

    Raises
    ------
    InvalidInputError
        If a file cannot be read or has a unit unknown to the library, or a value is impossible.
    """
    texts: dict[str, str] = {}
    for parameter in FILE_PARAMETERS.values():
        numbers = _group_by_label(parameter, values, names, controls)
        if not numbers:
            continue
        for file in parameter.files:
            path = params / f"{file}.yaml"
            try:
                text = _rewrite_file(path, parameter, numbers)
            except InvalidInputError as error:
                raise InvalidInputError(f"{path}: {error}") from error
            if text is not None:
                texts[path.name] = text
    return texts


def _group_by_label(
    parameter: FileParameter,
    values: Mapping[str, Mapping[str, Parameter]],
    names: Names,
    controls: Mapping[str, str],
) -> dict[str | int, float]:
    """Return numbers in QDash's unit by the library's keys: the number of a qubit, or the label of a pair."""
    found: dict[str | int, float] = {}
    for target, known in values.items():
        if parameter.name not in known or ("-" in target) != (parameter.of == "coupling"):
            continue
        value = convert_value(known[parameter.name].value, known[parameter.name].unit, parameter.unit)
        if not math.isfinite(value):
            raise InvalidInputError(f"{target}.{parameter.name} is {value}, not a finite number")
        parameter.require_possible(value)
        if "-" not in target:
            names.qubit(target)  # rejects one that the chip does not have
            found[int(target)] = value
        elif target in controls:
            first, second = target.split("-")
            label = f"{first}-{second}" if controls[target] == first else f"{second}-{first}"
            found[names.target(label)] = value
    return found


def _rewrite_file(path: Path, parameter: FileParameter, numbers: Mapping[str | int, float]) -> str | None:
    """Return the text of a file with these numbers, or None if it already has them."""
    from qdash_qubex.yaml_rewriting import dump, load  # only a writer of such a file needs ruamel.yaml

    if path.is_file():
        read_yaml(path)  # refuses what is no file of names, a name that is there twice among it
        content: Any = load(path.read_text(encoding="utf-8"))
    else:
        content = (
            {"meta": {"unit": parameter.unit}, "data": {}} if get_base_unit(parameter.unit) else {"data": {}}
        )
    content = content or {}
    data, meta = content.get("data") or {}, content.get("meta") or {}
    content["data"] = data
    unit = str(meta.get("unit") or get_base_unit(parameter.unit))
    changed = [
        _put(data, label, convert_value(value, parameter.unit, unit)) for label, value in numbers.items()
    ]
    if not any(changed):
        return None
    return dump(content)


def _put(data: Any, label: str | int, value: float) -> bool:
    """Set a number under every equivalent key, or else a new one; return whether this changes anything."""
    same = [key for key in data if _is_same_key(key, label)] or [label]
    changed = False
    for key in same:
        if not _are_equal(data.get(key), value):
            data[key] = value
            changed = True
    return changed


def _is_same_key(key: object, label: str | int) -> bool:
    if isinstance(label, str) or not isinstance(key, str | int):
        return key == label
    try:
        return make_target_id(key) == str(label)
    except InvalidInputError:
        return False


def _are_equal(old: object, new: float) -> bool:
    return (
        isinstance(old, int | float) and not isinstance(old, bool) and math.isclose(old, new, rel_tol=1e-12)
    )
