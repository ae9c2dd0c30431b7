"""Pulse programs that every control system can play, and their answers.

The wave on a line is ``Re[a W(t - start) exp(+i phase) exp(-2 pi i f t)]`` with t from the program's time zero. In the
frame that rotates at f, phase 0 rotates a qubit about +x and phase +pi/2 about +y. Plays at one frequency, on any
lines, refer to one continuously running generator; phases between different frequencies are undefined.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

Shape = Literal["square", "cosine", "flat_top"]
Sign = Literal[1, -1]

_ROUNDING_NS = 1e-6


@dataclass(frozen=True, slots=True)
class Waveform:
    """Shape of a pulse with unit peak: hashable, so that instruments can reuse loaded waveforms.

    Attributes
    ----------
    shape
        ``"square"``; ``"cosine"``: raised cosine over the whole length; ``"flat_top"``: raised-cosine edges.
    edge_ns
        Length of each edge of a flat top, at most half of the whole.
    beta_ns
        DRAG coefficient: ``beta dW/dt`` in quadrature (Motzoi et al., PRL 103, 110501 (2009)).
    turn_rad, sideband_ghz
        Factor ``exp(i turn) exp(-2 pi i sideband (t - start))`` of the shape. Standard requests leave both at zero;
        recipes test an adapter's signs with them.
    """

    shape: Shape
    length_ns: float
    edge_ns: float = 0.0
    beta_ns: float = 0.0
    turn_rad: float = 0.0
    sideband_ghz: float = 0.0

    def samples(self, sample_ns: float) -> Complexes:
        """Return the shape at the middle of each sample, complex, shape (length / sample,).

        Raises
        ------
        InvalidInputError
            If the length is not a whole number of samples.
        """
        count = round(self.length_ns / sample_ns)
        if abs(count * sample_ns - self.length_ns) > _ROUNDING_NS:
            raise InvalidInputError(
                f"a waveform of {self.length_ns:g}\N{NO-BREAK SPACE}ns: the length must be a multiple of the sample of {sample_ns:g}\N{NO-BREAK SPACE}ns"
            )
        return self.at(np.asarray((np.arange(count) + 0.5) * sample_ns))

    def at(self, times_ns: Floats) -> Complexes:
        """Return the shape at times from its start, same shape, complex."""
        in_phase, slope = self._compute_edges(times_ns)
        shape = in_phase + 1j * self.beta_ns * slope
        return np.asarray(shape * np.exp(1j * (self.turn_rad - 2 * np.pi * self.sideband_ghz * times_ns)))

    def mirrored(self) -> Waveform:
        """Return the complex conjugate."""
        return Waveform(
            self.shape, self.length_ns, self.edge_ns, -self.beta_ns, -self.turn_rad, -self.sideband_ghz
        )

    def _compute_edges(self, times_ns: Floats) -> tuple[Floats, Floats]:
        """Return the shape in phase, and its derivative in 1/ns."""
        edge_ns = {"square": 0.0, "cosine": self.length_ns / 2, "flat_top": self.edge_ns}[self.shape]
        if not edge_ns:
            return np.ones_like(times_ns), np.zeros_like(times_ns)
        from_ends = np.minimum(times_ns, self.length_ns - times_ns)
        risen = np.clip(from_ends / edge_ns, 0.0, 1.0)
        direction = np.where(times_ns < self.length_ns / 2, 1.0, -1.0)
        slope = np.pi / (2 * edge_ns) * np.sin(np.pi * risen) * direction
        return np.asarray((1 - np.cos(np.pi * risen)) / 2), np.asarray(slope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Pulse on one line.

    Attributes
    ----------
    line
        Qubit whose control line plays it.
    start_ns
        From the program's time zero.
    amplitude
        Signed amplitude in units of the line's full scale.
    toward
        Qubit whose frequency this is, as for a cross-resonance tone, or None for the line's own qubit. It selects the
        generator together with `transition`, never with the frequency.
    """

    line: str
    start_ns: float
    waveform: Waveform
    amplitude: float
    frequency_ghz: float
    phase_rad: float = 0.0
    toward: str | None = None
    transition: Literal["01", "12"] = "01"

    @property
    def end_ns(self) -> float:
        """End of the pulse."""
        return self.start_ns + self.waveform.length_ns

    def later(self, ns: float) -> Play:
        """Return the pulse delayed by `ns`."""
        if not ns:
            return self
        # `dataclasses.replace` takes twice the time, and programs have thousands of pulses.
        return Play(
            line=self.line,
            start_ns=self.start_ns + ns,
            waveform=self.waveform,
            amplitude=self.amplitude,
            frequency_ghz=self.frequency_ghz,
            phase_rad=self.phase_rad,
            toward=self.toward,
            transition=self.transition,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """Probe and capture of one qubit; the signal's phase refers to the probe at its start.

    The amplitude is in units of full scale.
    """

    qid: str
    start_ns: float
    length_ns: float
    frequency_ghz: float
    amplitude: float

    @property
    def end_ns(self) -> float:
        """End of probe and capture."""
        return self.start_ns + self.length_ns

    def at(self, start_ns: float) -> Readout:
        """Return the readout at another start time."""
        return replace(self, start_ns=start_ns)


@dataclass(frozen=True, slots=True)
class Program:
    """Pulses and readouts of one shot. Repeated blocks of a call are the same object.

    Attributes
    ----------
    plays
        Pulses in any order; on one line only those of different generators (`Play.toward`) overlap.
    readouts
        At least one; several of one qubit in time order.
    """

    plays: tuple[Play, ...]
    readouts: tuple[Readout, ...]

    @property
    def length_ns(self) -> float:
        """Time from zero to the end of the last readout."""
        return max([one.end_ns for one in self.plays] + [one.end_ns for one in self.readouts])

    def require_guard(self, readout: Readout, guard_ns: float) -> None:
        """Raise `InvalidInputError` if a readout starts within the guard time after a pulse of its qubit."""
        if not guard_ns:
            return
        for play in self.plays:
            gap_ns = readout.start_ns - play.end_ns
            if readout.qid in (play.line, play.toward) and -_ROUNDING_NS < gap_ns < guard_ns - _ROUNDING_NS:
                raise InvalidInputError(
                    f"a readout of qubit {readout.qid} at {readout.start_ns:g}\N{NO-BREAK SPACE}ns, {gap_ns:g}\N{NO-BREAK SPACE}ns after a pulse: at least {guard_ns:g}\N{NO-BREAK SPACE}ns must be free before it"
                )


@dataclass(frozen=True, slots=True, eq=False)
class IQ:
    """Signals of the readouts of one qubit in one program, per unit of time: an adapter normalises integrals.

    Attributes
    ----------
    mean
        Mean of all shots, complex, shape (readouts,), a.u.; if every shot is requested, that of `each` is used instead.
    each
        Every shot, shape (shots, readouts), if requested, otherwise unused; a row is the same shot for all qubits of a program.
    covariance
        Covariance of I and Q of the mean, shape (readouts, 2, 2), a.u.², or None if unknown; unused with every shot.
    """

    mean: Complexes
    each: Complexes | None = None
    covariance: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProgramAnswer:
    """Answer to one program.

    Attributes
    ----------
    failed
        Qubits that could not be measured, with the reason.
    began_s
        Start time in s, by the laboratory's or the wall clock, or None if it is unknown.
    """

    iq: Mapping[str, IQ]
    failed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    began_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Sign conventions of a generator: 1 as defined by this module, −1 mirrored.

    If both signs are mirrored, every sequence at one frequency on two levels looks perfect, but corrections of a
    frequency or a DRAG coefficient have the wrong sign. `envelope` is that of a pulse's complex shape, `phase` that of
    `Play.phase_rad`.
    """

    envelope: Sign = 1
    phase: Sign = 1
