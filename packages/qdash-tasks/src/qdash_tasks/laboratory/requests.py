"""What can be asked of one qubit: one class for each kind of measurement.

A request is data, with units in the names of its fields. It says what is measured and not how: pulses, frequencies and
readout are those of the settings in use, but for what the request names itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_tasks.laboratory.request import (
    Request,
    named_amplitude,
    require_amplitude,
    require_choice,
    require_count,
    require_number,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.pulses import Pulse

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReadoutScan(Request):
    """Readout signal against readout frequency, iq shape (n,).

    Attributes
    ----------
    state
        Commanded before each readout: 0 (nothing is played), 1 (the X180 in use); None: the qubit is left alone, and no
        reset is needed.
    amplitude
        Of the readout, of full scale; None: the one in use.
    """

    axis = ("frequency", "GHz")
    swept = "frequencies_ghz"

    frequencies_ghz: Floats
    state: Literal[0, 1] | None = None
    amplitude: float | None = None

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        require_choice("state", self.state, (None, 0, 1))
        require_amplitude(self.amplitude)

    @property
    def readout_frequencies_ghz(self) -> Floats:
        """All of the sweep."""
        return self.frequencies_ghz


@dataclass(frozen=True, eq=False)
class QubitScan(Request):
    """Readout signal after a long pulse, against its frequency, iq shape (n,): saturation spectroscopy.

    The pulse is long against T1 and T2, so that the population is steady. Power broadens the line; a strong drive shows
    the two-photon line f02/2, too.

    Attributes
    ----------
    amplitude
        Of the pulse, of full scale.
    """

    axis = ("frequency", "GHz")
    swept = "frequencies_ghz"

    frequencies_ghz: Floats
    amplitude: float

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        require_amplitude(self.amplitude)

    @property
    def drive_frequencies_ghz(self) -> Floats:
        """All of the sweep."""
        return self.frequencies_ghz

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:
        """Return that of the pulse."""
        return named_amplitude(self.amplitude, target)


@dataclass(frozen=True, eq=False)
class SingleShots(Request):
    """Every shot after a commanded state: `ShotRecord`, iq shape (shots,).

    Attributes
    ----------
    state
        0 (nothing is played) or 1 (the X180 in use).
    amplitude
        Of the readout, of full scale; None: the one in use.
    """

    single_shots = True

    state: Literal[0, 1]
    amplitude: float | None = None

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        require_choice("state", self.state, (0, 1))
        require_amplitude(self.amplitude)


@dataclass(frozen=True, eq=False)
class Rabi(Request):
    """Signal after one rectangular pulse at the drive frequency in use, against its length, iq shape (n,).

    Attributes
    ----------
    amplitude
        Of full scale; None: the control amplitude in use.
    """

    axis = ("duration", "ns")
    swept = "durations_ns"

    durations_ns: Floats
    amplitude: float | None = None

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        require_amplitude(self.amplitude)

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:
        """Return that of the pulse."""
        return named_amplitude(self.amplitude, target)


@dataclass(frozen=True, eq=False)
class RabiAmplitude(Request):
    """Signal after one rectangular pulse of a fixed length, against its amplitude (of full scale), iq shape (n,)."""

    axis = ("amplitude", "a.u.")
    swept = "amplitudes"

    amplitudes: Floats
    duration_ns: float

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        require_number("duration_ns", self.duration_ns, above=0.0)

    @property
    def longest_ns(self) -> float:
        """Length of the pulse."""
        return float(self.duration_ns)

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:
        """Return the largest of the sweep."""
        return {target: float(self.amplitudes.max())}


@dataclass(frozen=True, eq=False)
class Chevron(Request):
    """Signal after one rectangular pulse, against its length (n) and its frequency (m): a map, iq shape (m, n).

    Attributes
    ----------
    amplitude
        Of full scale; None: the control amplitude in use.
    """

    axis = ("duration", "ns")
    rows_axis = ("frequency", "GHz")
    swept = "durations_ns"

    durations_ns: Floats
    frequencies_ghz: Floats
    amplitude: float | None = None

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        self._keep_sweep("frequencies_ghz")
        require_amplitude(self.amplitude)

    @property
    def rows(self) -> Floats:
        """The frequencies."""
        return self.frequencies_ghz

    def shape(self, shots: int) -> tuple[int, ...]:  # noqa: ARG002  a mean has the same shape for all
        """Return (frequencies, durations)."""
        return self.frequencies_ghz.size, self.durations_ns.size

    @property
    def points(self) -> int:
        """Those of the whole map."""
        return self.frequencies_ghz.size * self.durations_ns.size

    @property
    def drive_frequencies_ghz(self) -> Floats:
        """Frequencies of the rows."""
        return self.frequencies_ghz

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:
        """Return that of the pulse."""
        return named_amplitude(self.amplitude, target)


@dataclass(frozen=True, eq=False)
class Relaxation(Request):
    """Signal against the delay after the X180 in use, iq shape (n,)."""

    axis = ("delay", "us")
    swept = "delays_us"

    delays_us: Floats


@dataclass(frozen=True, eq=False)
class Ramsey(Request):
    """Signal after X90, delay, X90, the phase of the second one advancing with the delay, iq shape (n,).

    It oscillates at the magnitude of (qubit - drive frequency) + `detuning_mhz`. Coupled qubits that are asked for in the
    same place of one call are in superposition together and shift each other by half their static ZZ.

    Attributes
    ----------
    detuning_mhz
        Artificial: the phase advances by one turn in 1 / `detuning_mhz`. Of any sign.
    """

    axis = ("delay", "us")
    swept = "delays_us"

    delays_us: Floats
    detuning_mhz: float

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        require_number("detuning_mhz", self.detuning_mhz)


@dataclass(frozen=True, eq=False)
class Echo(Request):
    """Signal after X90, half the delay, X180, half the delay, X90, against the whole delay, iq shape (n,)."""

    axis = ("delay", "us")
    swept = "delays_us"

    delays_us: Floats


@dataclass(frozen=True, eq=False)
class PulseTrain(Request):
    """Signal after so many equal pulses without gaps, iq shape (n,).

    Attributes
    ----------
    start
        ``"superposition"``: after the X90 in use, about the same axis.
    """

    axis = ("pulses", "")
    swept = "counts"
    whole = True

    counts: Floats
    pulse: Pulse
    start: Literal["ground", "superposition"] = "ground"

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        require_choice("start", self.start, ("ground", "superposition"))

    @property
    def longest_ns(self) -> float:
        """Length of the longest train."""
        return float(self.counts.max()) * self.pulse.length_ns

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:
        """Return that of the pulse."""
        return named_amplitude(self.pulse.amplitude, target)


@dataclass(frozen=True, eq=False)
class DragScan(Request):
    """Signal after `pairs` times a pulse and its opposite, against their DRAG coefficient, iq shape (n,).

    Attributes
    ----------
    betas_ns
        In place of the pulse's own; of any sign.
    """

    axis = ("beta", "ns")
    swept = "betas_ns"
    signed = True

    betas_ns: Floats
    pulse: Pulse
    pairs: int

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        require_count("pairs", self.pairs)

    @property
    def longest_ns(self) -> float:
        """Length of all pulses."""
        return 2 * self.pairs * self.pulse.length_ns

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:
        """Return that of the pulse."""
        return named_amplitude(self.pulse.amplitude, target)


@dataclass(frozen=True, eq=False)
class RandomSequences(Request):
    """Signal after random sequences of Cliffords, one point a sequence, iq shape (n,); `Trace.ends` has shape (n,).

    Sequences are independent of each other; about half of them are closed to end in |1>, as the answer tells.

    Attributes
    ----------
    lengths
        Cliffords of each sequence, without the one that closes it.
    interleaved
        The pulse in use that follows each Clifford but the closing one.
    simultaneous_with
        Further qubits that play such sequences meanwhile, read or not.
    """

    axis = ("length", "Cliffords")
    has_ends = True
    swept = "lengths"
    whole = True

    lengths: Floats
    interleaved: Literal["X90", "X180"] | None = None
    simultaneous_with: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        require_choice("interleaved", self.interleaved, (None, "X90", "X180"))

    @property
    def ends_shape(self) -> tuple[int, ...]:
        """One for each sequence."""
        return (self.lengths.size,)


QUBIT_REQUESTS: frozenset[type[Request]] = frozenset(
    {
        ReadoutScan,
        QubitScan,
        SingleShots,
        Rabi,
        RabiAmplitude,
        Chevron,
        Relaxation,
        Ramsey,
        Echo,
        PulseTrain,
        DragScan,
        RandomSequences,
    }
)
"""All kinds of measurement on one qubit."""
