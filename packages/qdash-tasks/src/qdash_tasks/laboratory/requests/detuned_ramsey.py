"""Request for Ramsey fringes of a detuned generator, which show the sign of phases relative to frequencies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from qdash_tasks.laboratory.request import Request, require_number
from qdash_tasks.laboratory.requests.delays import compile_ramsey, round_gaps_us

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.compiled_request import Compiled, Setup
    from qdash_tasks.laboratory.limits import Limits

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DetunedRamsey(Request):
    """`Ramsey` with both X90 pulses played at another frequency, iq shape (n,).

    It oscillates at the magnitude of (qubit - `frequency_ghz`) + `detuning_mhz`. No phase convention of an
    instrument changes the sign of the real detuning, so together with `Ramsey` it shows the sign of phases.

    The generator's `frequency_ghz` is within a few MHz of the qubit.
    """

    axis = ("delay", "us")
    swept = "delays_us"

    delays_us: Floats
    detuning_mhz: float
    frequency_ghz: float

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_number("detuning_mhz", self.detuning_mhz)
        require_number("frequency_ghz", self.frequency_ghz, above=0.0)

    @property
    def drive_frequencies_ghz(self) -> Floats:
        """Frequency of the generator, shape (1,)."""
        return np.array([self.frequency_ghz])

    def on_grid(self, limits: Limits, target: str) -> Self:
        """Return the request with delays that the line can play."""
        return replace(self, delays_us=round_gaps_us(limits, target, self.delays_us))

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return X90, delay, X90 for each delay; the phase follows the delay as played."""
        return compile_ramsey(target, at, self.delays_us, self.detuning_mhz, frequency_ghz=self.frequency_ghz)
