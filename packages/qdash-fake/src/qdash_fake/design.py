"""What was meant to be fabricated: where settings start, and around which a truth is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from qdash_tasks.laboratory.design import QubitDesign


@dataclass(frozen=True, slots=True)
class Design:
    """What the laboratory knows before it measures: what was meant to be fabricated.

    Frequencies in GHz, times in ns, amplitudes in units of the instruments' full scale.
    """

    qubit_frequency_ghz: float
    anharmonicity_ghz: float
    resonator_frequency_ghz: float
    readout_amplitude: float
    readout_length_ns: float
    pulse_length_ns: float

    @property
    def of_qubit(self) -> QubitDesign:
        """The same as a chip says it."""
        return QubitDesign.of_values(self.as_parameters())

    def as_parameters(self) -> dict[str, float]:
        """Return the values under the names of the parameters, in their units."""
        return {
            "qubit_frequency": self.qubit_frequency_ghz,
            "anharmonicity": self.anharmonicity_ghz,
            "resonator_frequency": self.resonator_frequency_ghz,
            "readout_amplitude": self.readout_amplitude,
            "readout_length": self.readout_length_ns,
            "hpi_length": self.pulse_length_ns,
            "pi_length": self.pulse_length_ns,
        }
