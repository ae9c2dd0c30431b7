"""Readout chain behind the resonator: deviations of amplifier, demodulation and acquisition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Complexes = NDArray[np.complex128]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SpuriousTone:
    """Tone that the instruments add to the readout, with a fixed phase to it, whatever the probe is.

    The amplitude is complex, in the IQ plane of a readout at the tone's frequency. Integration selects tones near the
    probe: ``sinc((f - ft) T)``.
    """

    frequency_ghz: float
    amplitude: complex
    integration_us: float

    def receive(self, probe_ghz: ArrayLike) -> Complexes:
        """Return its contribution to a readout at each probe frequency."""
        beats = (np.asarray(probe_ghz) - self.frequency_ghz) * 1e3 * self.integration_us
        return np.asarray(self.amplitude * np.sinc(beats))


@dataclass(frozen=True, slots=True)
class ReadoutChain:
    """Deviations of a readout chain from an ideal one.

    Attributes
    ----------
    saturation
        Output (a.u.) at which the amplifier saturates, or None if it does not.
    captured
        Share of the signal within the integration window.
    lost
        Probability that a point, or a single shot, has no trigger: its data are the noise of the amplifier.
    offset
        Offset of the IQ plane, whatever is read.
    reflected
        Whether Q has the other sign.
    unsettled, settling_us
        Share of the contrast that is missing right after a pulse, and the time in which it returns.
    """

    saturation: float | None = None
    captured: float = 1.0
    lost: float = 0.0
    tone: SpuriousTone | None = None
    offset: complex = 0j
    reflected: bool = False
    unsettled: float = 0.0
    settling_us: float = 1.0

    def receive(self, signal: Complexes, probe_ghz: ArrayLike) -> Complexes:
        """Return the settled signal after the chain.

        The amplifier saturates as ``y = x / sqrt(1 + |x|^2 / s^2)`` (Rapp, Proc. 2nd European Conf. on Satellite
        Communications (1991), p. 179, with smoothness 1).
        """
        if self.tone is not None:
            signal = signal + self.tone.receive(probe_ghz)
        if self.saturation is not None:
            signal = signal / np.sqrt(1 + np.abs(signal) ** 2 / self.saturation**2)
        received = self.captured * signal + self.offset
        return np.asarray(received.conjugate() if self.reflected else received)

    def settle(self, waited_us: Floats | float) -> Floats:
        """Return the share of the contrast that is there at a time after the last pulse."""
        return np.asarray(1 - self.unsettled * np.exp(-np.asarray(waited_us) / self.settling_us))


IDEAL = ReadoutChain()
