"""System of qubex from its configuration files: qubits, boxes, parameter folder. Does not need qubex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from qdash_qubex.files import read_yaml, require_mapping, require_number
from qdash_qubex.names import Names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Kind = Literal["quel1", "quel3"]

_USUAL_READOUT_NS = 384.0
"""Default value of qubex."""


@dataclass(frozen=True, slots=True)
class QubexSystem:
    """System of qubex: a chip, its boxes and its parameters.

    `kind` is the family of its controllers. `wiring` is a mapping for each multiplexer, as in the file; empty if the
    system is not wired. `params` is the folder of its parameter files, existing or not.
    """

    system_id: str
    chip_id: str
    kind: Kind
    n_qubits: int
    wiring: tuple[Mapping[str, Any], ...]
    params: Path

    @property
    def names(self) -> Names:
        """Names of its qubits."""
        return Names(self.n_qubits)

    @property
    def boxes(self) -> tuple[str, ...]:
        """Ids of the boxes wired to the chip, in alphabetical order."""
        ports = [
            port
            for row in self.wiring
            for port in (row.get("read_out"), row.get("read_in"), row.get("pump"), *(row.get("ctrl") or ()))
            if isinstance(port, str)
        ]
        return tuple(sorted({port.rpartition(":" if ":" in port else "-")[0] for port in ports}))

    def readout_length_ns(self) -> float:
        """Return the readout length; raise InvalidInputError, naming the file, if it cannot be read."""
        path = self.params / "measurement_defaults.yaml"
        if not path.is_file():
            return _USUAL_READOUT_NS
        readout = require_mapping(read_yaml(path).get("readout") or {}, f"{path}: readout")
        length_ns = readout.get("duration_ns")
        return (
            _USUAL_READOUT_NS
            if length_ns is None
            else require_number(length_ns, f"{path}: readout.duration_ns")
        )
