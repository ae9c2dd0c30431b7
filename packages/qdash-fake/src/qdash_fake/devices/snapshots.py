"""Conversion of a published backend snapshot (IBM BackendProperties and configuration, JSON) to a device table."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.limits import JSON_FILE
from qdash_core.parsing.text_files import read_text
from qdash_fake.devices.tables import CouplingRow, DeviceTable, QubitRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FREQUENCIES = {"GHz": 1.0, "MHz": 1e-3, "Hz": 1e-9}
_TIMES_US = {"us": 1.0, "µs": 1.0, "ns": 1e-3, "ms": 1e3, "s": 1e6}
_TIMES_NS = {unit: factor * 1e3 for unit, factor in _TIMES_US.items()}
_SHARES = {"": 1.0}

_QUBIT_FIELDS = {
    "frequency": ("frequency_ghz", _FREQUENCIES),
    "anharmonicity": ("anharmonicity_ghz", _FREQUENCIES),
    "T1": ("t1_us", _TIMES_US),
    "T2": ("t2_us", _TIMES_US),
    "readout_error": ("readout_error", _SHARES),
    "prob_meas0_prep1": ("p_meas0_prep1", _SHARES),
    "prob_meas1_prep0": ("p_meas1_prep0", _SHARES),
    "readout_length": ("readout_length_ns", _TIMES_NS),
}
_GATE_FIELDS = {"gate_error": ("error", _SHARES), "gate_length": ("length_ns", _TIMES_NS)}
_HALF_PULSES = ("sx", "u2")
"""Gates that are one X90 pulse between virtual Z; the first one of a qubit is used."""
_COUPLING_GATES = ("cx", "cz", "ecr")

_DECIMALS = {"frequency": 7, "anharmonicity": 6, "readout_length": 1, "gate_length": 1}

_Row = dict[str, Any]


def load_snapshot(properties: Path, configuration: Path) -> DeviceTable:
    """Return the table of a backend from its two files.

    A field that the snapshot lacks is None, and so is an anharmonicity of 0, a placeholder. A gate error of 1 means not
    calibrated, and is kept. A coupling of the configuration without any gate is a row without gate. Values are rounded
    to five digits, frequencies to 100 Hz, anharmonicities to 1 kHz and lengths to 0.1 ns.

    Raises
    ------
    NotFoundError
        If a file does not exist.
    InvalidInputError
        If a file is malformed, holds impossible values, or the two are of different backends; one line that names file,
        field and index.
    """
    props, conf = _load_document(properties), _load_document(configuration)
    name = _get_text(props, "backend_name", properties)
    if (other := _get_text(conf, "backend_name", configuration)) != name:
        raise InvalidInputError(
            f"{configuration}: backend_name: {other!r} is not the backend {name!r} of {properties}"
        )
    qubits = _parse_qubits(_list(props, "qubits", properties), properties)
    if (count := conf.get("n_qubits")) != len(qubits) or isinstance(count, bool):
        raise InvalidInputError(
            f"{configuration}: n_qubits: {count!r} is not the number of qubits in {properties}, {len(qubits)}"
        )
    gates = _parse_gates(_list(props, "gates", properties), len(qubits), properties)
    _put_half_pulses(qubits, gates)
    couplings = _make_couplings(gates, _parse_edges(conf, len(qubits), configuration))
    version = props.get("backend_version", "")
    return DeviceTable(
        device=re.sub(r"^(ibmq?|fake|alt)_", "", name),
        snapshot=_get_time(props, properties),
        source=f"backend properties of {name} {version}".rstrip(),
        n_qubits=len(qubits),
        qubits=tuple(QubitRow(**row) for row in qubits),
        couplings=tuple(CouplingRow(**row) for row in couplings),
    )


def _load_document(path: Path) -> Mapping[str, Any]:
    text = read_text(path, "snapshot", size=JSON_FILE.size)
    try:
        found = parse_json(text)
    except InvalidInputError as error:
        raise InvalidInputError(f"{path}: {error}") from error
    if not isinstance(found, dict):
        raise InvalidInputError(f"{path}: a snapshot is a JSON object")
    return found


def _get_text(document: Mapping[str, Any], field: str, origin: Path) -> str:
    found = document.get(field)
    if not isinstance(found, str) or not found:
        raise InvalidInputError(f"{origin}: {field}: {_format_field(document, field)}, not a text")
    return found


def _list(document: Mapping[str, Any], field: str, origin: Path) -> list[Any]:
    found = document.get(field)
    if not isinstance(found, list) or not found:
        raise InvalidInputError(
            f"{origin}: {field}: {_format_field(document, field)}, not a list of at least one"
        )
    return found


def _format_field(document: Mapping[str, Any], field: str) -> str:
    return f"{str(document[field])[:40]!r}" if field in document else "is missing"


def _get_time(props: Mapping[str, Any], origin: Path) -> str | None:
    """Return the time of the snapshot in UTC."""
    if "last_update_date" not in props:
        return None
    written = _get_text(props, "last_update_date", origin)
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise InvalidInputError(f"{origin}: last_update_date: {error}") from error
    return moment.replace(microsecond=0).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _parse_qubits(listed: list[Any], origin: Path) -> list[_Row]:
    return [
        {"qid": str(index), **_parse_values(entry, _QUBIT_FIELDS, f"{origin}: qubits[{index}]")}
        for index, entry in enumerate(listed)
    ]


def _parse_gates(listed: list[Any], n_qubits: int, origin: Path) -> dict[tuple[str, tuple[int, ...]], _Row]:
    """Return error and length of every gate used in a table, by name and qubits."""
    found: dict[tuple[str, tuple[int, ...]], _Row] = {}
    for index, gate in enumerate(listed):
        where = f"{origin}: gates[{index}]"
        if not isinstance(gate, dict) or not isinstance(gate.get("gate"), str):
            raise InvalidInputError(f"{where}.gate: is missing, or not a text")
        arity = 1 if gate["gate"] in _HALF_PULSES else 2 if gate["gate"] in _COUPLING_GATES else 0
        if not arity:
            continue
        on = _parse_indices(gate.get("qubits"), arity, n_qubits, f"{where}.qubits")
        if (gate["gate"], on) in found:
            raise InvalidInputError(f"{where}: {gate['gate']} on {list(on)} occurs twice")
        found[gate["gate"], on] = _parse_values(gate.get("parameters"), _GATE_FIELDS, f"{where}.parameters")
    return found


def _parse_edges(conf: Mapping[str, Any], n_qubits: int, origin: Path) -> list[tuple[int, ...]]:
    listed = conf.get("coupling_map")
    if listed is None and n_qubits == 1:
        return []
    if not isinstance(listed, list):
        raise InvalidInputError(f"{origin}: coupling_map: {_format_field(conf, 'coupling_map')}, not a list")
    return [
        _parse_indices(pair, 2, n_qubits, f"{origin}: coupling_map[{index}]")
        for index, pair in enumerate(listed)
    ]


def _parse_indices(value: Any, arity: int, n_qubits: int, where: str) -> tuple[int, ...]:
    whole = isinstance(value, list) and all(type(one) is int and 0 <= one < n_qubits for one in value)
    if not whole or len(set(value)) != arity or len(value) != arity:
        raise InvalidInputError(f"{where}: {value!r} is not {arity} of the {n_qubits} qubits")
    return tuple(value)


def _parse_values(entries: Any, fields: Mapping[str, tuple[str, Mapping[str, float]]], where: str) -> _Row:
    """Return the values of `fields` in a list of name, value and unit; other names are ignored."""
    if not isinstance(entries, list):
        raise InvalidInputError(f"{where}: is missing, or not a list")
    found: _Row = {}
    for index, entry in enumerate(entries):
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(name, str):
            raise InvalidInputError(f"{where}[{index}].name: is missing, or not a text")
        if name not in fields:
            continue
        field, factors = fields[name]
        if field in found:
            raise InvalidInputError(f"{where}[{index}]: {name} occurs twice")
        found[field] = _convert_entry(entry, name, factors, f"{where}[{index}]")
    return found


def _convert_entry(
    entry: Mapping[str, Any], name: str, factors: Mapping[str, float], where: str
) -> float | None:
    value, unit = entry.get("value"), entry.get("unit", "")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InvalidInputError(f"{where}.value: {name}: {value!r} is not a finite number")
    if unit not in factors:
        raise InvalidInputError(
            f"{where}.unit: {name}: {unit!r} is not one of {', '.join(filter(None, factors)) or 'none'}"
        )
    if name == "anharmonicity" and value == 0:
        return None
    lowest = -math.inf if name == "anharmonicity" else 0
    if factors is _SHARES and not 0 <= value <= 1:
        raise InvalidInputError(f"{where}.value: {name}: {value:g} is not a probability between 0 and 1")
    if factors is not _SHARES and not value > lowest and name != "gate_length":
        raise InvalidInputError(f"{where}.value: {name}: {value:g} is not positive")
    return _round_value(value * factors[unit], name)


def _round_value(value: float, name: str) -> float | None:
    if name == "gate_length" and value <= 0:
        return None  # a virtual gate, or one that was never timed
    return round(value, _DECIMALS[name]) if name in _DECIMALS else float(f"{value:.5g}")


def _put_half_pulses(qubits: list[_Row], gates: Mapping[tuple[str, tuple[int, ...]], _Row]) -> None:
    for index, row in enumerate(qubits):
        pulse = next((gates[gate, (index,)] for gate in _HALF_PULSES if (gate, (index,)) in gates), {})
        row["sx_error"], row["sx_length_ns"] = pulse.get("error"), pulse.get("length_ns")


def _make_couplings(
    gates: Mapping[tuple[str, tuple[int, ...]], _Row], edges: list[tuple[int, ...]]
) -> list[_Row]:
    rows = {on: {"gate": gate, **values} for (gate, on), values in gates.items() if gate in _COUPLING_GATES}
    for control, target in edges:
        if (control, target) not in rows and (target, control) not in rows:
            rows[control, target] = {}
    return [{"control": str(a), "target": str(b), **row} for (a, b), row in sorted(rows.items())]
