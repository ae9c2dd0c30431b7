"""Requests for the readout of one qubit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

from qdash_tasks.laboratory.compiled_request import Compiled
from qdash_tasks.laboratory.grids import round_up
from qdash_tasks.laboratory.request import Request, require_amplitude, require_choice, require_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.compiled_request import Setup
    from qdash_tasks.laboratory.limits import Limits
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

    State 0 is a wait of the length of the X180 in use, 1 that X180. `amplitude` is of full scale, or None for the readout
    amplitude in use.
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


@dataclass(frozen=True, eq=False)
class ReadoutWaveform(Request):
    """Readout signal of an undriven qubit in successive windows of the readout pulse, iq shape (n,).

    Pulse programs cannot express it: it is one of `CAPTURE_REQUESTS`.

    Windows start at `starts_ns` after the start of the pulse, which is no shorter than the readout in use and lasts
    until the end of the last window.
    """

    axis = ("time", "ns")
    swept = "starts_ns"

    starts_ns: Floats
    window_ns: float

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_number("window_ns", self.window_ns, above=0.0)

    def on_grid(self, limits: Limits, target: str) -> Self:  # noqa: ARG002  all readouts have one grid
        """Return the request with starts and window on the grid of readouts, rounded up."""
        grid_ns = limits.readout.start_ns
        starts = np.array([round_up(one, grid_ns) for one in self.starts_ns.tolist()])
        window_ns = round_up(self.window_ns, grid_ns)
        if np.array_equal(starts, self.starts_ns) and window_ns == self.window_ns:
            return self
        return replace(self, starts_ns=starts, window_ns=window_ns)


def _prepare_state(qid: str, at: Setup, state: int | None) -> Timeline:
    """Return a program that prepares a state, with the readout of |0> and |1> at the same time: the plane may rotate."""
    line = at.timeline()
    if state == 0:
        line.idle(qid, at.settings[qid].x180)
    elif state == 1:
        line.pulse(qid, at.settings[qid].x180)
    return line
