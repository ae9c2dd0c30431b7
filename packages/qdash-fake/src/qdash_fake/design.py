"""Design values of a qubit: the initial settings, and the mean of the distribution of its truth."""

from __future__ import annotations

from dataclasses import dataclass

from qdash_tasks.laboratory.design import QubitDesign


@dataclass(frozen=True, slots=True)
class Design:
    """Design values of a qubit, known to the laboratory before any measurement.

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
        """Design values in the form of the chip file."""
        return QubitDesign.of_values(self.as_parameters())

    def as_parameters(self) -> dict[str, float]:
        """Return the design by parameter name, in the parameters' units."""
        return {
            "qubit_frequency": self.qubit_frequency_ghz,
            "anharmonicity": self.anharmonicity_ghz,
            "resonator_frequency": self.resonator_frequency_ghz,
            "readout_amplitude": self.readout_amplitude,
            "readout_length": self.readout_length_ns,
            "hpi_length": self.pulse_length_ns,
            "pi_length": self.pulse_length_ns,
        }
