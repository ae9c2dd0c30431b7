"""What can be asked of one qubit that is left alone between its pulses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_tasks.laboratory.request import Request, require_number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


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
