"""What was meant to be fabricated and to be played, of one qubit: where settings and searches start."""

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
    """What the chip's file says of one qubit. None: it says nothing.

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
    def of(cls, context: RunContext, qid: str | None = None) -> QubitDesign:
        """Return what is said of a qubit of a run; None: of its target."""
        return cls.of_values(context.design.get(context.qid if qid is None else qid, {}))

    @classmethod
    def of_values(cls, values: Mapping[str, float]) -> QubitDesign:
        """Take the design values of a qubit by their names on the chip; those that are none of a qubit's are ignored."""
        return cls(**{field: values[name] for name, field in _FIELD_OF.items() if name in values})
