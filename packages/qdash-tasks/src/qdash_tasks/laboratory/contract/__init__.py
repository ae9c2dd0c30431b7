"""What every laboratory must do, as tests. Its author subclasses `LaboratoryContract` in a test module.

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
    """The specification of a laboratory. Tests are not to be replaced, except by a strict xfail that says why.

    They measure for seconds, at the settings in use, and need no calibrated qubit, but that a laboratory which plays pulses
    is asked the recipes (`contract.playing`). A failure names the target, the request and what is wrong.

    Attributes
    ----------
    targets : sequence of str
        Qubits and couplings that are measured: no two of them share a qubit. With a second one it is seen that the failure
        of the first is not that of all.
    shots : int
        Of each point.
    """

    specification = True
