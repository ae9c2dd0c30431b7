"""Backend of the rack: opens it, and provides its properties without a connection."""

from __future__ import annotations

import os

from qdash_core import BackendError
from qdash_tasks.laboratory import LaboratoryBackend

from my_rack.laboratory import RackLaboratory
from my_rack.rack import CONFIGURED, Rack, RackError


class RackBackend(LaboratoryBackend):
    """One rack, which measures one qubit at a time."""

    name = "my-rack"
    laboratory_class = RackLaboratory

    def __init__(self):
        self._laboratory = None

    @classmethod
    def design(cls, context):
        """Return the rack's configured design values, for chips without their own."""
        names = ("qubit_frequency", "anharmonicity", "resonator_frequency")
        return {
            str(channel): {name: known[name] for name in names} for channel, known in enumerate(CONFIGURED)
        }

    def connect(self):
        """Open the rack. Touches hardware."""
        try:
            rack = Rack(os.environ.get("MY_RACK_ADDRESS", "rack-1"))
        except RackError as error:
            raise BackendError(
                f"the rack does not answer: {error}; look whether it is switched on"
            ) from error
        self._laboratory = RackLaboratory(rack)

    @property
    def laboratory(self):
        """The open laboratory."""
        if self._laboratory is None:
            raise BackendError("the rack is not connected: call connect() first")
        return self._laboratory

    def disconnect(self):
        """Close the rack, if it is open."""
        if self._laboratory is not None:
            self._laboratory.close()
