"""Contract tests of every laboratory. Its author subclasses `LaboratoryContract` in a test module.

from qdash_tasks.laboratory import LaboratoryContract

class TestMyLaboratory(LaboratoryContract):
    targets = ("0", "1")

    def laboratory(self, tmp_path):
        return MyLaboratory(Rack("rack-1"))
"""

from __future__ import annotations

from qdash_tasks.laboratory.contract.answer_contract import AnswerContract
from qdash_tasks.laboratory.contract.limits_contract import LimitsContract
from qdash_tasks.laboratory.contract.noise_contract import NoiseContract
from qdash_tasks.laboratory.contract.play_contract import PlayContract
from qdash_tasks.laboratory.contract.settings_contract import SettingsContract


class LaboratoryContract(AnswerContract, LimitsContract, SettingsContract, NoiseContract, PlayContract):
    """Specification of a laboratory as tests. Do not override them, except by a strict xfail with a reason.

    They measure for seconds, at the settings in use, and need no calibrated qubit, except for the recipes of
    a laboratory that plays pulses (`contract.play_contract`). A failure names the target, the request and the
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
