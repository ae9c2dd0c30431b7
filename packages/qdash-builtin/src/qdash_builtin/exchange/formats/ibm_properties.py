"""Reader of the properties of an IBM backend (BackendProperties of Qiskit, as JSON)."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from qdash_builtin.exchange.formats.value_collector import ValueCollector, looks_like
from qdash_core.chips.parts import ChipParts
from qdash_core.chips.topology import make_topology
from qdash_core.hooks.formats import Format
from qdash_core.models.targets import make_coupling_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.imported_data import ImportedData

_GHZ = {"GHz": Decimal(1), "MHz": Decimal("1e-3"), "kHz": Decimal("1e-6"), "Hz": Decimal("1e-9")}
_US = {
    "us": Decimal(1),
    "µs": Decimal(1),
    "μs": Decimal(1),
    "ns": Decimal("1e-3"),
    "ms": Decimal(1000),
    "s": Decimal("1e6"),
}
_NS = {unit: factor * 1000 for unit, factor in _US.items()}
_SHARE = {"": Decimal(1), "%": Decimal("1e-2")}
_QUBIT = {
    "frequency": ("qubit_frequency", "GHz", _GHZ),
    "anharmonicity": ("anharmonicity", "GHz", _GHZ),
    "T1": ("t1", "us", _US),
    "T2": ("t2_echo", "us", _US),
    "readout_length": ("readout_length", "ns", _NS),
}
_READOUT_ERRORS = {
    "prob_meas1_prep0": "readout_fidelity_0",
    "prob_meas0_prep1": "readout_fidelity_1",
    "readout_error": "average_readout_fidelity",
}
_GATES = {
    ("sx", "gate_error"): "x90_gate_fidelity",
    ("x", "gate_error"): "x180_gate_fidelity",
    ("sx", "gate_length"): "hpi_length",
    ("x", "gate_length"): "pi_length",
}
_NOT_CALIBRATED = 1
"""Gate error of a gate that was not calibrated."""


class IbmProperties(Format):
    """Properties of an IBM backend, with the time of each value."""

    name = "ibm-properties"
    title = "properties of an IBM backend (Qiskit's BackendProperties as JSON)"

    def reads(self, path: Path) -> bool:
        """Return whether a file has the keys of such properties."""
        return looks_like(path, "backend_name", "last_update_date", "gates", "qubits")

    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        """Return the values, and the layout: qubits by their order, couplings by the two-qubit gates.

        T2 is that of an echo. An error is one minus the average gate fidelity. Anharmonicities of 0 and gate errors of 1 are
        placeholders; gates of two qubits are no ZX90.
        """
        del chip
        file = ValueCollector(path)
        listed = file.document.get("qubits")
        qubits = listed if isinstance(listed, list) else []
        if not qubits:
            file.report("qubits", "it is not a list of at least one qubit")
        for index, entries in enumerate(qubits):
            _add_qubit(file, str(index), entries, f"qubits[{index}]")
        couplings = _add_gates(file, len(qubits))
        name = str(file.document.get("backend_name") or "") or None
        parts = (
            ChipParts(make_topology(name or path.stem, map(str, range(len(qubits))), couplings), name)
            if qubits
            else None
        )
        return file.finish(parts)


def _add_qubit(file: ValueCollector, qid: str, entries: object, key: str) -> None:
    for place, entry in file.iterate(entries, key):
        name = str(entry.get("name"))
        if name in _READOUT_ERRORS:
            _add(file, qid, (_READOUT_ERRORS[name], "", _SHARE), entry, place, minus_from_one=True)
        elif name == "anharmonicity" and entry.get("value") == 0:
            file.skip(place, "0 is the placeholder of an unknown anharmonicity")
        elif name in _QUBIT:
            _add(file, qid, _QUBIT[name], entry, place)
        else:
            file.skip(place, f"no value of QDash is {name}")


def _add_gates(file: ValueCollector, n_qubits: int) -> set[str]:
    """Add the values of gates of one qubit, and return the couplings of the others."""
    couplings: set[str] = set()
    others: Counter[str] = Counter()
    for key, gate in file.iterate(file.document.get("gates"), "gates"):
        on = gate.get("qubits")
        if (
            not isinstance(on, list)
            or not on
            or not all(type(one) is int and 0 <= one < n_qubits for one in on)
            or len({*on}) < len(on)
        ):
            file.report(
                f"{key}.qubits", f"{str(on)[:40]} is not a list of different qubits from 0 to {n_qubits - 1}"
            )
        elif len(on) == 2:
            couplings.add(make_coupling_id(*map(str, on)))
            others[str(gate.get("gate"))] += 1
        elif len(on) == 1:
            _add_gate(file, str(on[0]), gate, key)
    for name, number in others.items():
        file.skip("gates", f"{name}, {number} times, is no ZX90")
    return couplings


def _add_gate(file: ValueCollector, qid: str, gate: Mapping[str, Any], key: str) -> None:
    for place, entry in file.iterate(gate.get("parameters"), f"{key}.parameters"):
        name = _GATES.get((str(gate.get("gate")), str(entry.get("name"))))
        if name is None:
            continue
        if not name.endswith("fidelity"):
            _add(file, qid, (name, "ns", _NS), entry, place)
        elif entry.get("value") == _NOT_CALIBRATED:
            file.skip(place, "a gate error of 1 means that the gate was not calibrated")
        else:
            _add(file, qid, (name, "", _SHARE), entry, place, minus_from_one=True)


def _add(
    file: ValueCollector,
    qid: str,
    wanted: tuple[str, str, Mapping[str, Decimal]],
    entry: Mapping[str, Any],
    key: str,
    *,
    minus_from_one: bool = False,
) -> None:
    name, unit, factors = wanted
    given = str(entry.get("unit") or "")
    if given not in factors:
        file.report(
            f"{key}.unit", f"{given or 'no unit'} is not {', '.join(one or 'no unit' for one in factors)}"
        )
        return
    at = file.read_time(entry.get("date"), f"{key}.date")
    file.add(
        qid,
        name,
        entry.get("value"),
        unit,
        f"{key}.value",
        factor=factors[given],
        minus_from_one=minus_from_one,
        measured_at=at,
    )
