"""Reader of the device file that QDash writes for OQTOPUS' device gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.exchange.formats.value_collector import ValueCollector
from qdash_core.chips.parts import ChipParts
from qdash_core.chips.topology import make_topology
from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import make_coupling_id, parse_qubit_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from qdash_core.hooks.imported_data import ImportedData

KEYS = ("physical_id", "qubit_lifetime", "device_id")
"""Keys by which the file is recognized."""
_AVERAGE = "average_readout_fidelity"
_READOUT_ERRORS = {
    "readout_fidelity_0": "prob_meas1_prep0",
    "readout_fidelity_1": "prob_meas0_prep1",
    _AVERAGE: "readout_assignment_error",
}
_ROUNDING = 1e-12


def read_device_topology(path: Path) -> ImportedData:
    """Return the values of a device file, by the numbers of the qubits on the chip (`physical_id`).

    T1 and T2 (echo) are in µs and durations in ns; errors of the readout become fidelities.

    Raises
    ------
    InvalidInputError
        If it has an invalid entry; the message is one line with every such entry and its line.
    """
    file = ValueCollector(path)
    at = file.read_time(file.document.get("calibrated_at"), "calibrated_at")
    qids: dict[object, str] = {}
    for key, entry in file.iterate(file.document.get("qubits"), "qubits"):
        qid = _read_qubit_id(file, entry, key)
        if qid is not None:
            if entry.get("id") in qids or qid in qids.values():
                file.report(key, f"qubit {qid}, number {entry.get('id')}, is there already")
            qids[entry.get("id")] = qid
            _add_qubit(file, qid, entry, key, at)
    couplings: dict[str, str] = {}
    for key, entry in file.iterate(file.document.get("couplings"), "couplings"):
        ends = [qids.get(entry.get(end)) for end in ("control", "target")]
        if None in ends or ends[0] == ends[1]:
            pair = f"{entry.get('control')} and {entry.get('target')}"
            file.report(key, f"control and target are {pair}, not the ids of two qubits of the file")
            continue
        control, target = (str(end) for end in ends)
        coupling = make_coupling_id(control, target)
        couplings[coupling] = control
        duration = file.part(entry, "gate_duration", key).get("rzx90")
        file.add(coupling, "zx90_gate_fidelity", entry.get("fidelity"), "", f"{key}.fidelity", measured_at=at)
        file.add(coupling, "zx90_gate_time", duration, "ns", f"{key}.gate_duration.rzx90", measured_at=at)
    name = str(file.document.get("device_id") or "") or None
    chip = (
        ChipParts(make_topology(name or path.stem, qids.values(), couplings), name, controls=couplings)
        if qids
        else None
    )
    return file.finish(chip)


def _read_qubit_id(file: ValueCollector, entry: Mapping[str, Any], key: str) -> str | None:
    number = entry.get("physical_id")
    try:
        return parse_qubit_id(str(number))
    except InvalidInputError as error:
        file.report(f"{key}.physical_id", str(error))
        return None


def _add_qubit(
    file: ValueCollector, qid: str, entry: Mapping[str, Any], key: str, at: datetime | None
) -> None:
    errors, lifetime, duration = (
        file.part(entry, name, key) for name in ("meas_error", "qubit_lifetime", "gate_duration")
    )
    file.add(qid, "x90_gate_fidelity", entry.get("fidelity"), "", f"{key}.fidelity", measured_at=at)
    for name, given in _READOUT_ERRORS.items():
        if name != _AVERAGE or not _is_mean(file, errors, f"{key}.meas_error"):
            place = f"{key}.meas_error.{given}"
            file.add(qid, name, errors.get(given), "", place, minus_from_one=True, measured_at=at)
    for name, given in (("t1", "t1"), ("t2_echo", "t2")):
        file.add(qid, name, lifetime.get(given), "us", f"{key}.qubit_lifetime.{given}", measured_at=at)
    for name, given in (("hpi_length", "sx"), ("pi_length", "x")):
        file.add(qid, name, duration.get(given), "ns", f"{key}.gate_duration.{given}", measured_at=at)


def _is_mean(file: ValueCollector, errors: Mapping[str, Any], key: str) -> bool:
    """Return whether the assignment error is only the mean of the other two, as QDash writes it, and no value of its own."""
    numbers = [file.read_number(errors.get(name), f"{key}.{name}") for name in _READOUT_ERRORS.values()]
    first, second, mean = numbers
    return (
        first is not None
        and second is not None
        and mean is not None
        and abs(first + second - 2 * mean) < _ROUNDING
    )
