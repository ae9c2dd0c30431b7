"""What can be asked of one qubit under a single pulse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_tasks.laboratory.request import Request, named_amplitude, require_amplitude, require_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


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
