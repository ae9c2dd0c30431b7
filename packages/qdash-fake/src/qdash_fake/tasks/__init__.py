"""The calibration tasks of the `fake` backend, one file each."""

from qdash_fake.tasks.qubit_spectroscopy import CheckQubitSpectroscopy
from qdash_fake.tasks.rabi import CheckRabi
from qdash_fake.tasks.ramsey import CheckRamsey
from qdash_fake.tasks.readout_classification import ReadoutClassification
from qdash_fake.tasks.resonator_spectroscopy import CheckResonatorSpectroscopy
from qdash_fake.tasks.t1 import CheckT1
from qdash_fake.tasks.t2_echo import CheckT2Echo

TASKS = (
    CheckResonatorSpectroscopy,
    CheckQubitSpectroscopy,
    CheckRabi,
    ReadoutClassification,
    CheckRamsey,
    CheckT1,
    CheckT2Echo,
)
"""In the order of a bring-up."""

__all__ = [
    "TASKS",
    "CheckQubitSpectroscopy",
    "CheckRabi",
    "CheckRamsey",
    "CheckResonatorSpectroscopy",
    "CheckT1",
    "CheckT2Echo",
    "ReadoutClassification",
]
