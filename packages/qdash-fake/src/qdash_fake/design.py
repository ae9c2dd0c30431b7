"""What was meant to be fabricated: where settings start, and around which a truth is drawn."""

from __future__ import annotations

from dataclasses import dataclass


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
