"""What can be asked of one qubit's readout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_tasks.laboratory.compiling import Compiled
from qdash_tasks.laboratory.request import Request, require_amplitude, require_choice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.compiling import Setup
    from qdash_tasks.laboratory.timeline import Timeline

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
    def largest_readout_amplitude(self) -> float:
        """The one that it reads with, where it names one."""
        return self.amplitude or 0.0

    @property
    def readout_frequencies_ghz(self) -> Floats:
        """All of the sweep."""
        return self.frequencies_ghz

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return the state, read at each frequency."""
        programs = (
            _commanded(target, at, self.state).read(
                target, frequency_ghz=frequency_ghz, amplitude=self.amplitude
            )
            for frequency_ghz in self.frequencies_ghz.tolist()
        )
        return Compiled(tuple(programs), (target,))


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

    @property
    def largest_readout_amplitude(self) -> float:
        """The one that it reads with, where it names one."""
        return self.amplitude or 0.0

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return the state, read once."""
        program = _commanded(target, at, self.state).read(target, amplitude=self.amplitude)
        return Compiled((program,), (target,))


def _commanded(qid: str, at: Setup, state: int | None) -> Timeline:
    line = at.timeline()
    if state:
        line.pulse(qid, at.settings[qid].x180)
    return line
