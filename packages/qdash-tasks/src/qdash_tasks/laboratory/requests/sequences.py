"""What can be asked of one qubit under many pulses in a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_tasks.laboratory.request import Request, named_amplitude, require_choice, require_count

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.pulses import Pulse

    Floats = NDArray[np.float64]


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
    """

    axis = ("length", "Cliffords")
    has_ends = True
    swept = "lengths"
    whole = True

    lengths: Floats
    interleaved: Literal["X90", "X180"] | None = None

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        require_choice("interleaved", self.interleaved, (None, "X90", "X180"))

    @property
    def ends_shape(self) -> tuple[int, ...]:
        """One for each sequence."""
        return (self.lengths.size,)


@dataclass(frozen=True, eq=False)
class SimultaneousSequences(RandomSequences):
    """Random sequences while other qubits play theirs, as `RandomSequences`.

    Only a laboratory that plays on several qubits at the same time answers it: of one that takes them one after the other
    the fidelity would be that of a qubit alone.

    Attributes
    ----------
    simultaneous_with
        The other qubits, which play such sequences meanwhile, read or not.
    """

    simultaneous_with: frozenset[str] = frozenset()
