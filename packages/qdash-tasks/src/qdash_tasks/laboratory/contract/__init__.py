"""Contract tests of every laboratory. Its author subclasses `LaboratoryContract` in a test module.

from qdash_tasks.laboratory.contract import LaboratoryContract

class TestMyLaboratory(LaboratoryContract):
    targets = ("0", "1")

    def laboratory(self, tmp_path):
        return MyLaboratory(Rack("rack-1"))
"""

from __future__ import annotations

from qdash_tasks.laboratory.contract.adjusting import Adjusting
from qdash_tasks.laboratory.contract.answering import Answering
from qdash_tasks.laboratory.contract.keeping_limits import KeepingLimits
from qdash_tasks.laboratory.contract.noise import Noise
from qdash_tasks.laboratory.contract.playing import Playing


class LaboratoryContract(Answering, KeepingLimits, Adjusting, Noise, Playing):
    """The specification of a laboratory. Do not override tests, except by a strict xfail with a reason.

    They measure for seconds, at the settings in use, and need no calibrated qubit, except for the recipes of
    a laboratory that plays pulses (`contract.playing`). A failure names the target, the request and the
    fault.

    Attributes
    ----------
    targets : sequence of str
        Qubits and couplings to measure; no two of them share a qubit. A second one tests that the failure of
        the first does not fail all.
    shots : int
        Shots of each point.
    """

    specification = True
