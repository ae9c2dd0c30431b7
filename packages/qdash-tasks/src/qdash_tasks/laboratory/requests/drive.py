"""Requests for one qubit driven by a single pulse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from qdash_tasks.laboratory.compiled_request import Compiled
from qdash_tasks.laboratory.program import Waveform
from qdash_tasks.laboratory.request import Request, name_amplitude, require_amplitude, require_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.compiled_request import Setup
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.program import Program

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class QubitScan(Request):
    """Saturation spectroscopy: readout signal after a long pulse, against its frequency, iq shape (n,).

    The pulse is long compared with T1 and T2, so the population is steady. Power broadens the line; a strong
    drive also shows the two-photon line f02/2.

    `amplitude` is that of the pulse, of full scale.
    """

    axis = ("frequency", "GHz")
    swept = "frequencies_ghz"

    frequencies_ghz: Floats
    amplitude: float

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_amplitude(self.amplitude)

    @property
    def drive_frequencies_ghz(self) -> Floats:
        """All frequencies of the sweep."""
        return self.frequencies_ghz

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:
        """Return the amplitude of the pulse."""
        return name_amplitude(self.amplitude, target)

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return one long square pulse at each frequency."""
        length_ns = min(at.saturation_ns, at.limits.longest_program_ns)
        programs = (
            _square(target, at, length_ns, self.amplitude, frequency_ghz=frequency_ghz)
            for frequency_ghz in self.frequencies_ghz.tolist()
        )
        return Compiled(tuple(programs), (target,))


@dataclass(frozen=True, eq=False)
class Rabi(Request):
    """Signal after one rectangular pulse at the drive frequency in use, against its length, iq shape (n,).

    `amplitude` is of full scale, or None for the control amplitude in use.
    """

    axis = ("duration", "ns")
    swept = "durations_ns"

    durations_ns: Floats
    amplitude: float | None = None

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_amplitude(self.amplitude)

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:
        """Return the amplitude of the pulse."""
        return name_amplitude(self.amplitude, target)

    def on_grid(self, limits: Limits, target: str) -> Self:
        """Return the request with pulse lengths that the line can play."""
        return replace(self, durations_ns=round_pulses_ns(limits, self.durations_ns, target))

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return one square pulse of each length."""
        amplitude = at.settings[target].control_amplitude if self.amplitude is None else self.amplitude
        programs = (_square(target, at, length_ns, amplitude) for length_ns in self.durations_ns.tolist())
        return Compiled(tuple(programs), (target,))


@dataclass(frozen=True, eq=False)
class RabiAmplitude(Request):
    """Signal after one rectangular pulse of fixed length, against its amplitude of full scale, iq shape (n,)."""

    axis = ("amplitude", "a.u.")
    swept = "amplitudes"

    amplitudes: Floats
    duration_ns: float

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_number("duration_ns", self.duration_ns, above=0.0)

    @property
    def longest_ns(self) -> float:
        """Length of the pulse."""
        return float(self.duration_ns)

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:
        """Return the largest amplitude of the sweep."""
        return {target: float(self.amplitudes.max())}

    def on_grid(self, limits: Limits, target: str) -> Self:
        """Return the request with a length and amplitudes that the line can play."""
        line = limits.line(target)
        return replace(
            self,
            amplitudes=np.array([line.amplitude_on_step(one) for one in self.amplitudes.tolist()]),
            duration_ns=limits.pulse_on_grid(self.duration_ns, target),
        )

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return one square pulse of each amplitude."""
        programs = (_square(target, at, self.duration_ns, value) for value in self.amplitudes.tolist())
        return Compiled(tuple(programs), (target,))


@dataclass(frozen=True, eq=False)
class Chevron(Request):
    """Map of the signal after one rectangular pulse, against length (n) and frequency (m), iq shape (m, n).

    `amplitude` is of full scale, or None for the control amplitude in use.
    """

    axis = ("duration", "ns")
    rows_axis = ("frequency", "GHz")
    swept = "durations_ns"

    durations_ns: Floats
    frequencies_ghz: Floats
    amplitude: float | None = None

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        self._keep_sweep("frequencies_ghz")
        require_amplitude(self.amplitude)

    @property
    def rows(self) -> Floats:
        """Frequencies of the map."""
        return self.frequencies_ghz

    def shape(self, shots: int) -> tuple[int, ...]:  # noqa: ARG002  a mean has the same shape for all
        """Return (frequencies, durations)."""
        return self.frequencies_ghz.size, self.durations_ns.size

    @property
    def points(self) -> int:
        """Number of points of the whole map."""
        return self.frequencies_ghz.size * self.durations_ns.size

    @property
    def drive_frequencies_ghz(self) -> Floats:
        """Frequencies of the rows."""
        return self.frequencies_ghz

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:
        """Return the amplitude of the pulse."""
        return name_amplitude(self.amplitude, target)

    def on_grid(self, limits: Limits, target: str) -> Self:
        """Return the request with pulse lengths that the line can play."""
        return replace(self, durations_ns=round_pulses_ns(limits, self.durations_ns, target))

    def shortened(self) -> Self:
        """Return the last point of the last row."""
        return replace(super().shortened(), frequencies_ghz=self.frequencies_ghz[-1:])

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return one square pulse of each length at each frequency, the length changing fastest."""
        amplitude = at.settings[target].control_amplitude if self.amplitude is None else self.amplitude
        programs = (
            _square(target, at, length_ns, amplitude, frequency_ghz=frequency_ghz)
            for frequency_ghz in self.frequencies_ghz.tolist()
            for length_ns in self.durations_ns.tolist()
        )
        return Compiled(tuple(programs), (target,))


def round_pulses_ns(limits: Limits, lengths_ns: Floats, *qids: str) -> Floats:
    """Round pulse lengths to those that all of these lines can play, shape (n,)."""
    return np.array([limits.pulse_on_grid(length_ns, *qids) for length_ns in lengths_ns.tolist()])


def _square(
    qid: str, at: Setup, length_ns: float, amplitude: float, *, frequency_ghz: float | None = None
) -> Program:
    line = at.timeline()
    line.play(qid, Waveform("square", length_ns), amplitude, frequency_ghz=frequency_ghz)
    return line.read(qid)
