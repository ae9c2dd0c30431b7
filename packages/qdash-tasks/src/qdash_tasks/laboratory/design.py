"""Design values of one qubit: the starting point of settings and searches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.tasks.base import RunContext

_FIELD_OF = {
    "qubit_frequency": "qubit_frequency_ghz",
    "anharmonicity": "anharmonicity_ghz",
    "resonator_frequency": "resonator_frequency_ghz",
    "readout_frequency": "readout_frequency_ghz",
    "readout_amplitude": "readout_amplitude",
    "control_amplitude": "control_amplitude",
    "readout_length": "readout_length_ns",
    "hpi_length": "hpi_length_ns",
    "pi_length": "pi_length_ns",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QubitDesign:
    """Design values of one qubit from the chip file; None if a value is absent.

    Frequencies in GHz, lengths in ns, amplitudes in units of the instruments' full scale.
    """

    qubit_frequency_ghz: float | None = None
    anharmonicity_ghz: float | None = None
    resonator_frequency_ghz: float | None = None
    readout_frequency_ghz: float | None = None
    readout_amplitude: float | None = None
    control_amplitude: float | None = None
    readout_length_ns: float | None = None
    hpi_length_ns: float | None = None
    pi_length_ns: float | None = None

    @classmethod
    def from_context(cls, context: RunContext, qid: str | None = None) -> QubitDesign:
        """Return the design values of a qubit of a run, or of its target if `qid` is None."""
        return cls.of_values(context.design.get(context.qid if qid is None else qid, {}))

    @classmethod
    def of_values(cls, values: Mapping[str, float]) -> QubitDesign:
        """Build the design of a qubit from values by the chip's names; ignore other names."""
        return cls(**{field: values[name] for name, field in _FIELD_OF.items() if name in values})
