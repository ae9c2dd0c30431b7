"""Parameter folder of a system, read as by the library, with values in QDash's names and units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from qdash_core import InvalidInputError, split_coupling
from qdash_core.parsing.limits import YAML
from qdash_core.parsing.text_error import join_file_errors
from qdash_core.parsing.text_files import read_text
from qdash_qubex.files import read_yaml, require_mapping, require_number
from qdash_qubex.names import make_target_id
from qdash_qubex.parameters import FILE_PARAMETERS, IGNORED_FILES, convert_value, get_base_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from qdash_core.parsing.text_error import FileErrors
    from qdash_qubex.parameters import FileParameter
    from qdash_qubex.system_config import QubexSystem

_LEGACY_FILES = ("props.yaml", "params.yaml")
DEFAULTS_FILE = "measurement_defaults.yaml"
_SECTIONS = {"meta", "data"}
_KNOWN_FILES = {f"{file}.yaml" for one in FILE_PARAMETERS.values() for file in one.files} | {
    *_LEGACY_FILES,
    DEFAULTS_FILE,
}


@dataclass(frozen=True, slots=True)
class FileValue:
    """Value of QDash in its unit, in a parameter file such as `t1.yaml`, at a key such as `data.Q00`.

    `control` is the first qubit in the label of a pair.
    """

    target: str
    name: str
    value: float
    file: str
    key: str
    control: str | None = None


@dataclass(frozen=True, slots=True)
class SkippedEntry:
    """Skipped entry of a parameter folder, and the reason."""

    file: str
    key: str
    why: str


@dataclass(frozen=True, slots=True)
class _RawNumber:
    """Number in a file, before its key and unit are interpreted."""

    file: str
    key: str
    label: str | int
    value: object
    unit: str


def read_parameters(system: QubexSystem) -> tuple[list[FileValue], list[SkippedEntry]]:
    """Return the values in the parameter files of a system, and the skipped entries.

    Raises InvalidInputError, a line that names every place, if a file cannot be read, has another format, or impossible
    values.
    """
    found, skipped, problems = collect_parameters(system)
    if problems:
        raise join_file_errors(problems)
    return found, skipped


def collect_parameters(system: QubexSystem) -> tuple[list[FileValue], list[SkippedEntry], FileErrors]:
    """Return the values in the parameter files of a system, in QDash's units, the skipped entries, and the impossible values.

    A separate file takes precedence over `props.yaml` and `params.yaml` of older folders. Null and NaN are no values.

    Raises InvalidInputError, a line with its name, if a file cannot be read or has another format.
    """
    found: dict[tuple[str, str, str | None], FileValue] = {}
    skipped = [*_list_ignored_files(system.params)]
    problems: FileErrors = []
    for parameter in FILE_PARAMETERS.values():
        for written in _read_all(system, parameter):
            try:
                one = _make_value(written, parameter, system.n_qubits)
            except InvalidInputError as error:
                problems.append(_describe_problem(system.params, written, error))
                continue
            if isinstance(one, SkippedEntry):
                skipped.append(one)
                continue
            first = found.setdefault((one.target, one.name, one.control), one)
            if not math.isclose(first.value, one.value, rel_tol=1e-9):
                skipped.append(
                    SkippedEntry(
                        one.file, one.key, f"{first.file} has {first.value:g}, which the library uses"
                    )
                )
    return list(found.values()), skipped, problems


def _describe_problem(params: Path, written: _RawNumber, error: InvalidInputError) -> tuple[str, int, str]:
    from qdash_core.parsing.yaml_parser import (  # imports PyYAML only for a message
        find_entry_lines,
        find_line_of_key,
    )

    text = read_text(params / written.file, "configuration", size=YAML.size)
    line = find_line_of_key(find_entry_lines(text), written.key) or 0
    return (
        str(params / written.file),
        line,
        f"line {line}: {written.key}: {error}" if line else f"{written.key}: {error}",
    )


def check_parameter_file(path: PurePath, content: Mapping[Any, Any]) -> bool:
    """Validate the contents of a parameter file alone, and return whether it is one that QDash imports.

    It is one by its name and its keys `meta` and `data`. Raises InvalidInputError with the key of an entry that cannot
    be imported.
    """
    parameter = next((one for one in FILE_PARAMETERS.values() if path.stem in one.files), None)
    if parameter is None or not content.keys() & _SECTIONS:
        return False
    for written in _read_sections(content, PurePath(path.name)):
        key = "meta.unit"
        try:
            _convert(0.0, written.unit, parameter)
            key = written.key
            one = _make_value(written, parameter, None)
        except InvalidInputError as error:
            raise InvalidInputError(f"{key}: {error}") from error
        if isinstance(one, SkippedEntry):
            raise InvalidInputError(f"{key}: {one.why}")
    return True


def _read_all(system: QubexSystem, parameter: FileParameter) -> Iterator[_RawNumber]:
    """Return the numbers of a parameter in the library's order of precedence."""
    for name in parameter.files:
        path = system.params / f"{name}.yaml"
        own = list(_read_own_file(path)) if path.is_file() else []
        yield from own
        said = {_normalise_key(one.label) for one in own}
        legacy = parameter.legacy if name == parameter.files[0] else name
        yield from (
            one for one in _read_legacy_files(system, legacy) if _normalise_key(one.label) not in said
        )


def _read_own_file(path: Path) -> Iterator[_RawNumber]:
    content = read_yaml(path)
    if content and not content.keys() & _SECTIONS:
        raise InvalidInputError(f"{path} is not a parameter file of qubex: it has neither meta nor data")
    yield from _read_sections(content, path)


def _read_sections(content: Mapping[Any, Any], path: PurePath) -> Iterator[_RawNumber]:
    meta = require_mapping(content.get("meta") or {}, f"{path}: meta")
    data = require_mapping(content.get("data") or {}, f"{path}: data")
    unit = meta.get("unit") or ""
    for label, value in data.items():
        filled = meta.get("default") if _is_missing(value) else value
        if not _is_missing(filled):
            yield _RawNumber(path.name, f"data.{label}", label, filled, str(unit))


def _read_legacy_files(system: QubexSystem, quantity: str) -> Iterator[_RawNumber]:
    for file in _LEGACY_FILES:
        path = system.params / file
        if not path.is_file() or not quantity:
            continue
        chip = require_mapping(read_yaml(path).get(system.chip_id) or {}, f"{path}: {system.chip_id}")
        data = require_mapping(chip.get(quantity) or {}, f"{path}: {system.chip_id}.{quantity}")
        for label, value in data.items():
            if not _is_missing(value):
                yield _RawNumber(file, f"{system.chip_id}.{quantity}.{label}", label, value, "")


def _make_value(
    written: _RawNumber, parameter: FileParameter, n_qubits: int | None
) -> FileValue | SkippedEntry:
    try:
        target = make_target_id(written.label)
    except InvalidInputError as error:
        return SkippedEntry(written.file, written.key, str(error))
    if ("-" in target) != (parameter.of == "coupling"):
        return SkippedEntry(written.file, written.key, f"not a {parameter.of}")
    if n_qubits is not None and int(target.split("-")[-1]) >= n_qubits:
        return SkippedEntry(written.file, written.key, f"not on the chip, which has {n_qubits} qubits")
    value = _convert(require_number(written.value, parameter.name), written.unit, parameter)
    parameter.require_possible(value)
    control = make_target_id(str(written.label).split("-", maxsplit=1)[0]) if "-" in target else None
    return FileValue(target, parameter.name, value, written.file, written.key, control)


def _convert(value: float, unit: str, parameter: FileParameter) -> float:
    # As the library does: a number without a unit is in what it reckons in.
    return convert_value(value, unit or get_base_unit(parameter.unit), parameter.unit)


def _normalise_key(label: str | int) -> str:
    """Return a normalised key for a number or a label, in the order of its qubits."""
    try:
        target = make_target_id(label)
    except InvalidInputError:
        return str(label)
    return "-".join(make_target_id(part) for part in str(label).split("-")) if "-" in target else target


def _list_ignored_files(params: Path) -> Iterator[SkippedEntry]:
    for path in sorted(params.glob("*.yaml")):
        if path.name not in _KNOWN_FILES:
            why = IGNORED_FILES.get(path.stem, "QDash has no parameter of this name")
            yield SkippedEntry(path.name, "", why)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def find_controls(values: list[FileValue]) -> tuple[dict[str, str], list[FileValue], list[SkippedEntry]]:
    """Return the control of each pair with values in one direction, the values without other pairs, and the skipped entries.

    The library names a pair by its control, and may hold a value for either direction.
    """
    named: dict[str, set[str]] = {}
    for one in values:
        if one.control is not None:
            named.setdefault(one.target, set()).add(one.control)
    controls = {pair: min(first) for pair, first in named.items() if len(first) == 1}
    kept = [one for one in values if one.control is None or one.target in controls]
    left = [
        SkippedEntry(
            one.file,
            one.key,
            f"there are values for both directions of {'-'.join(split_coupling(one.target))}",
        )
        for one in values
        if one.control is not None and one.target not in controls
    ]
    return controls, kept, left
