"""What is known of a pair before a gate is made: readout, Rabi frequencies, and how far apart its transitions are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_tasks.laboratory.pulses import RISE_NS

if TYPE_CHECKING:
    from qdash_tasks.programs.pair_sweeps import Direction
    from qdash_tasks.programs.tone_tomography import ReadoutLine

_LARGEST_SHARE, _LARGEST_MHZ, _SMALLEST_MHZ = 0.6, 80.0, 5.0
_NEAR_MHZ = 9.0
"""One turn in 100 to 500 ns, as tones of such pairs last, are 2 to 10 MHz."""
_SHORTEST_FRINGE_NS, _LONGEST_FRINGE_NS = 12.0, 36.0


@dataclass(frozen=True, slots=True)
class PairParameters:
    """What the laboratory knows of a pair before.

    Attributes
    ----------
    lines
        Readout of control and target.
    control_rabi_mhz, target_rabi_mhz
        Rabi frequencies at full scale.
    distance_mhz, anharmonicity_mhz
        Between both drive frequencies, and of the control where it is known.
    """

    direction: Direction
    lines: tuple[ReadoutLine, ReadoutLine]
    shots: int
    control_rabi_mhz: float
    target_rabi_mhz: float
    distance_mhz: float
    anharmonicity_mhz: float | None = None

    @property
    def half_fringe_ns(self) -> float:
        """How much longer tones turn over the interference of what both of them do to the control.

        A tone drives it off resonance, and from |0> to |2> by two photons: both rotate against it at their detuning.
        """
        return min(max(self._period_ns, _SHORTEST_FRINGE_NS), _LONGEST_FRINGE_NS) / 2

    @property
    def beats_slowly(self) -> bool:
        """Whether edges are too short for the control to follow: it leaks at most lengths."""
        return self._period_ns > RISE_NS

    @property
    def collides(self) -> bool:
        """Whether a rotary tone of one turn may turn the target as fast as the two-photon transition is away, and drive it."""
        return self._two_photon_mhz is not None and abs(self._two_photon_mhz) < _NEAR_MHZ

    @property
    def _two_photon_mhz(self) -> float | None:
        return None if self.anharmonicity_mhz is None else 2 * self.distance_mhz + self.anharmonicity_mhz

    @property
    def _period_ns(self) -> float:
        beats = [abs(self.distance_mhz)]
        if self._two_photon_mhz is not None:
            beats.append(abs(self._two_photon_mhz))
        return 1e3 / max(min(beats), 1.0)

    @property
    def largest(self) -> float:
        """Amplitude that is not exceeded."""
        most_mhz = min(_LARGEST_SHARE * abs(self.distance_mhz), _LARGEST_MHZ)
        return min(most_mhz / self.control_rabi_mhz, 1.0)

    @property
    def smallest(self) -> float:
        """Amplitude below which no gate is tried."""
        return min(_SMALLEST_MHZ / self.control_rabi_mhz, self.largest)
