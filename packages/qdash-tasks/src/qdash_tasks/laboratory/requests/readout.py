"""Requests for the readout of one qubit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_tasks.laboratory.compiled_request import Compiled
from qdash_tasks.laboratory.request import Request, require_amplitude, require_choice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.compiled_request import Setup
    from qdash_tasks.laboratory.timeline import Timeline

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReadoutScan(Request):
    """Readout signal against readout frequency, iq shape (n,).

    Attributes
    ----------
    state
        State commanded before each readout: 0 (a wait of the length of the X180 in use), 1 (that X180), or
        None to read the qubit at once, without a need for a reset.
    amplitude
        Readout amplitude of full scale, or None for the one in use.
    """

    axis = ("frequency", "GHz")
    swept = "frequencies_ghz"

    frequencies_ghz: Floats
    state: Literal[0, 1] | None = None
    amplitude: float | None = None

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_choice("state", self.state, (None, 0, 1))
        require_amplitude(self.amplitude)

    @property
    def largest_readout_amplitude(self) -> float:
        """Readout amplitude if the request sets one, otherwise 0."""
        return self.amplitude or 0.0

    @property
    def readout_frequencies_ghz(self) -> Floats:
        """All frequencies of the sweep."""
        return self.frequencies_ghz

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return the commanded state, read at each frequency."""
        programs = (
            _prepare_state(target, at, self.state).read(
                target, frequency_ghz=frequency_ghz, amplitude=self.amplitude
            )
            for frequency_ghz in self.frequencies_ghz.tolist()
        )
        return Compiled(tuple(programs), (target,))


@dataclass(frozen=True, eq=False)
class SingleShots(Request):
    """Single shots after a commanded state: `ShotRecord`, iq shape (shots,).

    Attributes
    ----------
    state
        Commanded state: 0 (a wait of the length of the X180 in use) or 1 (that X180).
    amplitude
        Readout amplitude of full scale, or None for the one in use.
    """

    single_shots = True

    state: Literal[0, 1]
    amplitude: float | None = None

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_choice("state", self.state, (0, 1))
        require_amplitude(self.amplitude)

    @property
    def largest_readout_amplitude(self) -> float:
        """Readout amplitude if the request sets one, otherwise 0."""
        return self.amplitude or 0.0

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return the commanded state, read once."""
        program = _prepare_state(target, at, self.state).read(target, amplitude=self.amplitude)
        return Compiled((program,), (target,))


def _prepare_state(qid: str, at: Setup, state: int | None) -> Timeline:
    """Return a program that prepares a state, with the readout of |0> and |1> at the same time.

    The IQ plane may rotate with the start of the readout.
    """
    line = at.timeline()
    if state == 0:
        line.idle(qid, at.settings[qid].x180)
    elif state == 1:
        line.pulse(qid, at.settings[qid].x180)
    return line
