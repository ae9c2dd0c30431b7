"""The port to the bench: the only place of this plugin that opens and closes the instrument."""

from __future__ import annotations

import os

from qdash_core import BackendError, BaseBackend

from my_lab.instrument import Bench, InstrumentError


class BenchBackend(BaseBackend):
    """One bench; one measurement at a time."""

    name = "my-lab"
    max_parallel = 1

    def __init__(self):
        self._bench = None

    def connect(self):
        """Open the session. Touches hardware."""
        try:
            self._bench = Bench(os.environ.get("MY_LAB_ADDRESS", "bench-1"))
        except InstrumentError as error:
            raise BackendError(
                f"the bench does not answer: {error}; look whether it is switched on"
            ) from error

    def get_instance(self):
        """Return the vendor's own session, as it is."""
        return self._bench

    def save_note(self):
        """Return what the bench is set to; it is stored with the results."""
        return {
            "pulse_lengths_ns": {
                str(channel): length for channel, length in self._bench.pulse_lengths_ns.items()
            }
        }

    def update_note(self, note):
        """Set the bench to what was stored last."""
        for channel, length in note["pulse_lengths_ns"].items():
            self._bench.pulse_lengths_ns[int(channel)] = length

    def disconnect(self):
        """Close the session, if one is open."""
        if self._bench is not None:
            self._bench.close()
