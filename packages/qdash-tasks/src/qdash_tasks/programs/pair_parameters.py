"""Drive parameters of two coupled qubits: Rabi frequencies, detuning, and the limits of their lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from qdash_tasks.laboratory.design import QubitDesign
from qdash_tasks.laboratory.grids import round_up
from qdash_tasks.programs.pair_diagnosis import make_diagnosis_attributes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.pulses import CrossResonanceTone
    from qdash_tasks.laboratory.settings import Settings

    Floats = NDArray[np.float64]

_LARGEST_SHARE, _LARGEST_MHZ, _SMALLEST_MHZ = 0.6, 80.0, 5.0
_NEAR_MHZ = 9.0
"""Largest Rabi frequency of a rotary tone: one turn in 100 to 500 ns, as in tones of such pairs, is 2 to 10
MHz.
"""
_SHORTEST_FRINGE_NS, _LONGEST_FRINGE_NS = 12.0, 36.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PairParameters:
    """Parameters of a pair that are known before any tone is played on it.

    Attributes
    ----------
    control_rabi_mhz, target_rabi_mhz
        At full scale.
    distance_mhz, anharmonicity_mhz
        Difference of the drive frequencies, and anharmonicity of the control: measured, else designed, or None if
        unknown.
    grid_ns
        Grid of tone lengths that both lines can play.
    shortest_pulse_ns, longest_ns
        Shortest pulse playable on both lines, and longest tone.
    control_limit, target_limit
        Largest amplitudes of the lines, of full scale.
    """

    control: str
    target: str
    shots: int
    control_rabi_mhz: float
    target_rabi_mhz: float
    distance_mhz: float
    anharmonicity_mhz: float | None
    rise_ns: float
    grid_ns: float
    shortest_pulse_ns: float
    longest_ns: float
    control_limit: float
    target_limit: float
    points_a_call: int | None = None

    @classmethod
    def from_context(cls, laboratory: Laboratory, context: RunContext) -> Self:
        """Collect the parameters from settings in use, line limits, task inputs and the control's design."""
        limits, known = laboratory.limits, make_diagnosis_attributes(laboratory, context)
        grid_ns = limits.grid_ns(context.control, context.target)
        return cls(
            control=context.control,
            target=context.target,
            shots=context.parameters["shots"],
            control_rabi_mhz=compute_rabi_at_full_scale(laboratory.settings[context.control]),
            target_rabi_mhz=compute_rabi_at_full_scale(laboratory.settings[context.target]),
            distance_mhz=known["distance_mhz"],
            anharmonicity_mhz=known.get("control_anharmonicity_mhz", _read_design_mhz(context)),
            rise_ns=laboratory.coupling(context.qid).rise_ns,
            grid_ns=grid_ns,
            shortest_pulse_ns=limits.pulse_on_grid(grid_ns, context.control, context.target),
            longest_ns=limits.longest_program_ns,
            points_a_call=limits.points_a_call,
            control_limit=limits.line(context.control).largest_amplitude,
            target_limit=limits.line(context.target).largest_amplitude,
        )

    @property
    def qids(self) -> tuple[str, str]:
        """Control and target."""
        return self.control, self.target

    @property
    def shortest_ns(self) -> float:
        """Shortest tone with complete edges."""
        return max(self.round_up(2 * self.rise_ns), self.shortest_pulse_ns)

    @property
    def half_fringe_ns(self) -> float:
        """Change of tone length that inverts the interference of both tones on the control.

        A tone drives the control off resonance and, by two photons, from |0> to |2>: both rotate at their detuning.
        """
        return min(max(self._period_ns, _SHORTEST_FRINGE_NS), _LONGEST_FRINGE_NS) / 2

    @property
    def beats_slowly(self) -> bool:
        """True if the edges are too short for the control to follow, so that it leaks at most lengths."""
        return self._period_ns > self.rise_ns

    @property
    def collides(self) -> bool:
        """True if a rotary tone of one turn may drive the two-photon transition."""
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
        """Largest amplitude of a gate."""
        most_mhz = min(_LARGEST_SHARE * abs(self.distance_mhz), _LARGEST_MHZ)
        return min(most_mhz / self.control_rabi_mhz, self.control_limit)

    @property
    def smallest(self) -> float:
        """Smallest amplitude at which a gate is tried."""
        return min(_SMALLEST_MHZ / self.control_rabi_mhz, self.largest)

    def can_play(self, tone: CrossResonanceTone) -> bool:
        """Return whether the lines of both qubits can play a tone."""
        on_target = abs(tone.cancel_amplitude) + abs(tone.rotary_amplitude)
        return abs(tone.amplitude) <= self.control_limit and on_target <= self.target_limit

    def round_to_grid(self, ns: float) -> float:
        """Return the nearest multiple of the grid of both lines."""
        return float(round(ns / self.grid_ns) * self.grid_ns)

    def round_up(self, ns: float) -> float:
        """Return the shortest length of at least `ns` that both lines can play."""
        return round_up(ns, self.grid_ns)

    def list_durations(self, longest_ns: float, points: int) -> Floats:
        """Return tone lengths with complete edges for rotations of up to about `longest_ns`, shape (n,)."""
        longest = min(self.rise_ns + max(longest_ns, 2 * self.rise_ns), self.longest_ns)
        even = np.linspace(2 * self.rise_ns, longest, points)
        return np.unique(np.maximum(np.round(even / self.grid_ns) * self.grid_ns, self.shortest_ns))


def compute_rabi_at_full_scale(settings: Settings) -> float:
    """Return the Rabi frequency in MHz that the calibration implies at full scale."""
    return settings.rabi_frequency_mhz / settings.control_amplitude


def _read_design_mhz(context: RunContext) -> float | None:
    """Return the design anharmonicity of the control."""
    designed_ghz = QubitDesign.from_context(context, context.control).anharmonicity_ghz
    return None if designed_ghz is None else designed_ghz * 1e3
