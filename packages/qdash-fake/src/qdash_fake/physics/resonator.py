"""Readout resonator: a notch in the transmission of a feed line, or a peak in its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Resonator:
    """Resonator on a feed line, with the qubit's dispersive shift.

    Attributes
    ----------
    frequency_ghz
        Resonance with the qubit in |0>.
    linewidth_mhz
        Loaded full width kappa/2pi.
    shift_mhz
        Resonance with the qubit in |1> minus that in |0>: 2 chi/2pi, negative for a transmon outside the straddling regime.
    internal_q
        Internal quality factor.
    asymmetry_rad
        Angle phi of the complex coupling, from impedance mismatch: rotates the resonance circle.
    delay_ns
        Electrical delay of the cables: the phase rotates along a sweep.
    tilt_per_mhz
        Relative slope of the gain, about the resonance with the qubit in |0>.
    beside
        Further resonators on the same feed line, their qubits in |0>.
    through
        Whether the line goes through the resonator instead of past it: a peak.
    """

    frequency_ghz: float
    linewidth_mhz: float
    shift_mhz: float
    internal_q: float
    asymmetry_rad: float
    delay_ns: float
    gain: float
    phase_rad: float
    tilt_per_mhz: float = 0.0
    beside: tuple[Resonator, ...] = ()
    through: bool = False

    @property
    def loaded_q(self) -> float:
        """Loaded quality factor: frequency divided by linewidth."""
        return self.frequency_ghz * 1e3 / self.linewidth_mhz

    def transmission(self, frequency_ghz: ArrayLike, *, excited: int) -> NDArray[np.complex128]:
        """Return S21 of the notch, or of the peak.

        ``S21 = g exp(i (p - 2 pi f tau)) (1 - (Ql / |Qc|) exp(i phi) / (1 + 2i (f - fr) / kappa))`` with a gain g that is
        linear in f, and ``1/Ql = 1/Qi + cos(phi) / |Qc|`` (diameter correction: Khalil et al., J. Appl. Phys. 111, 054510
        (2012); Probst et al., Rev. Sci. Instrum. 86, 024706 (2015)). A line through the resonator has the last term with the
        opposite sign, alone.

        The qubit is in level 0 to 2: |2> shifts the resonance by twice as much as |1>.
        """
        probe = np.asarray(frequency_ghz, dtype=np.float64)
        taken = self.take(probe, excited=excited)
        found = taken if self.through else 1 - taken
        for other in self.beside:
            found = found * (1 - other.take(probe, excited=0))
        tilted = self.gain * (1 + self.tilt_per_mhz * (probe - self.frequency_ghz) * 1e3)
        line = tilted * np.exp(1j * (self.phase_rad - 2 * np.pi * probe * self.delay_ns))
        return np.asarray(line * found)

    def take(self, probe: ArrayLike, *, excited: int) -> NDArray[np.complex128]:
        """Return the share of the wave that the resonator takes from its line, complex, in the shape of the probe (GHz)."""
        offset_mhz = (np.asarray(probe) - self.frequency_ghz) * 1e3 - excited * self.shift_mhz
        depth = self.coupled_share / np.cos(self.asymmetry_rad)
        return np.asarray(
            depth * np.exp(1j * self.asymmetry_rad) / (1 + 2j * offset_mhz / self.linewidth_mhz)
        )

    @property
    def coupled_share(self) -> float:
        """Share of the linewidth that is loss to the feed line; the rest is internal."""
        return 1 - self.loaded_q / self.internal_q

    @property
    def best_probe_ghz(self) -> float:
        """Probe frequency with the largest distance of |0> and |1>: midway between the resonances if |2 chi| <= kappa."""
        return self.frequency_ghz + self.shift_mhz / 2e3

    @property
    def best_separation(self) -> float:
        """Largest distance of the two states in the plane of S21, for a probe of amplitude 1."""
        probe = self.best_probe_ghz
        return float(abs(self.transmission(probe, excited=1) - self.transmission(probe, excited=0)))
