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
        Commanded before each readout: 0 (nothing is played for the time of the X180 in use), 1 (that X180); None: the qubit is
        read at once, and no reset is needed.
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
        0 (nothing is played for the time of the X180 in use) or 1 (that X180).
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
    """Return a program that begins with a state; |0> is read when |1> is, as an IQ plane may turn with the start of the readout."""
    line, x180 = at.timeline(), at.settings[qid].x180
    if state == 0:
        line.idle(qid, x180)
    elif state == 1:
        line.pulse(qid, x180)
    return line
