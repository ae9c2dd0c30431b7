"""Stand-in for a vendor's library: a bench with one qubit on each channel. Replace it by your own."""

from __future__ import annotations

import numpy as np


class InstrumentError(Exception):
    """Refusal by the instrument."""


class Bench:
    """A session at the bench.

    Parameters
    ----------
    address : str
        Address of the bench; `nowhere` does not answer.
    """

    def __init__(self, address: str) -> None:
        if address == "nowhere":
            raise InstrumentError(f"{address} does not answer")
        self.address = address
        self.pulse_lengths_ns = dict.fromkeys(range(16), 40.0)
        self.closed = False
        self._noise = np.random.default_rng(7)

    def excited_after(self, channel: int, delays_us: np.ndarray, *, shots: int) -> np.ndarray:
        """Return the fraction of shots in |1> at each delay after a pi pulse, shape (n,), 0 to 1."""
        if channel not in self.pulse_lengths_ns:
            raise InstrumentError(f"there is no channel {channel}")
        lifetime_us = 40.0 + 5.0 * channel
        expected = 0.02 + 0.95 * np.exp(-delays_us / lifetime_us)
        return self._noise.binomial(shots, expected) / shots

    def close(self) -> None:
        """End the session."""
        self.closed = True
