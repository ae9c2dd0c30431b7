"""One system of qubex as its files configure it: its boxes, its qubits and their parameters, without qubex."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from qdash_core.errors import InvalidInputError
from qdash_qubex.files import document, mapping, number
from qdash_qubex.names import Names, qdash_target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Kind = Literal["quel1", "quel3"]

_TO_INTERNAL = {
    "hz": 1e-9, "khz": 1e-6, "mhz": 1e-3, "ghz": 1.0,
    "s": 1e9, "ms": 1e6, "us": 1e3, "µs": 1e3, "ns": 1.0,
}  # fmt: skip
"""Factors to GHz and ns, which qubex calculates in; a unit that is not here is kept."""

_LEGACY = {
    "qubit_frequency": ("props", "qubit_frequency"),
    "qubit_anharmonicity": ("props", "anharmonicity"),
    "resonator_frequency": ("props", "resonator_frequency"),
    "control_frequency": ("props", "control_frequency"),
    "readout_frequency": ("props", "readout_frequency"),
    "control_amplitude": ("params", "control_amplitude"),
    "readout_amplitude": ("params", "readout_amplitude"),
}
"""Where older folders keep what has a file of its own now: the file, and the key below the chip."""

_DESIGN_FROM = {
    "qubit_frequency": ("qubit_frequency", "control_frequency"),
    "anharmonicity": ("qubit_anharmonicity",),
    "resonator_frequency": ("resonator_frequency",),
    "readout_frequency": ("readout_frequency",),
    "readout_amplitude": ("readout_amplitude",),
    "control_amplitude": ("control_amplitude",),
}
"""Design value to the parameters of qubex that tell it; a later one wins."""

_USUAL_AMPLITUDE = 0.1
_USUAL_READOUT_NS = 384.0
"""What qubex itself uses where no file says anything."""


@dataclass(frozen=True, slots=True)
class QubexSystem:
    """One system: a chip, the boxes that it is wired to, and its parameters.

    Attributes
    ----------
    kind
        Family of its controllers.
    wiring
        A mapping for each multiplexer, as the file has it; none: the system is not wired.
    params
        Folder of its parameter files, whether it is there or not.
    """

    system_id: str
    chip_id: str
    kind: Kind
    n_qubits: int
    wiring: tuple[Mapping[str, Any], ...]
    params: Path

    @property
    def names(self) -> Names:
        """What its qubits are called."""
        return Names(self.n_qubits)

    @property
    def boxes(self) -> tuple[str, ...]:
        """Ids of the boxes that it is wired to, in alphabetical order."""
        ports = [
            port
            for row in self.wiring
            for port in (row.get("read_out"), row.get("read_in"), row.get("pump"), *(row.get("ctrl") or ()))
            if isinstance(port, str)
        ]
        return tuple(sorted({port.rpartition(":" if ":" in port else "-")[0] for port in ports}))

    def values(self, name: str) -> dict[str, float]:
        """Return the values of one parameter by qubit id, in GHz and ns; what is not set is not there.

        Raises
        ------
        InvalidInputError
            If a file cannot be read, or holds what is no number; the message names it.
        """
        found = self._legacy(name)
        path = self.params / f"{name}.yaml"
        if path.is_file():
            found |= self._from_file(path)
        return found

    def readout_length_ns(self) -> float:
        """Return how long a readout is; raises as `values`."""
        path = self.params / "measurement_defaults.yaml"
        if not path.is_file():
            return _USUAL_READOUT_NS
        readout = mapping(document(path).get("readout") or {}, f"{path}: readout")
        length_ns = readout.get("duration_ns")
        return _USUAL_READOUT_NS if length_ns is None else number(length_ns, f"{path}: readout.duration_ns")

    def design(self) -> dict[str, dict[str, float]]:
        """Return what its parameter files say of qubits that have a frequency, under QDash's names; raises as `values`."""
        found: dict[str, dict[str, float]] = {}
        for quantity, sources in _DESIGN_FROM.items():
            for source in sources:
                for qid, value in self.values(source).items():
                    found.setdefault(qid, {})[quantity] = value
        usual = {
            "readout_amplitude": _USUAL_AMPLITUDE,
            "control_amplitude": _USUAL_AMPLITUDE,
            "readout_length": self.readout_length_ns(),
        }
        return {qid: usual | values for qid, values in found.items() if "qubit_frequency" in values}

    def _legacy(self, name: str) -> dict[str, float]:
        if name not in _LEGACY:
            return {}
        file, key = _LEGACY[name]
        path = self.params / f"{file}.yaml"
        if not path.is_file():
            return {}
        chip = mapping(document(path).get(self.chip_id) or {}, f"{path}: {self.chip_id}")
        return self._by_qubit(mapping(chip.get(key) or {}, f"{path}: {key}"), 1.0, path)

    def _from_file(self, path: Path) -> dict[str, float]:
        content = document(path)
        meta = mapping(content.get("meta") or {}, f"{path}: meta")
        data = mapping(content.get("data") or {}, f"{path}: data")
        default = meta.get("default")
        factor = _TO_INTERNAL.get(str(meta.get("unit") or "").strip().lower(), 1.0)
        filled = {key: default if value is None else value for key, value in data.items()}
        return self._by_qubit(filled, factor, path)

    def _by_qubit(self, data: Mapping[Any, Any], factor: float, path: Path) -> dict[str, float]:
        found = {}
        for key, value in data.items():
            if value is None or (isinstance(value, float) and math.isnan(value)):
                continue
            try:
                target = qdash_target(key)
            except InvalidInputError as error:
                raise InvalidInputError(f"{path}: {error}") from error
            found[target] = number(value, f"{path}: {key}") * factor
        return found
