"""Contracts of backends and laboratories, on the bench."""

from qdash_core import BackendContext
from qdash_tasks.laboratory import LaboratoryContract
from qdash_testing import BackendContract

from my_bench.bench import BenchBackend, BenchLaboratory
from my_bench.box import FULL_SCALE_MHZ, QUBIT_GHZ, RESONATOR_GHZ, Box

ROUGH = {
    "drive_frequency_ghz": QUBIT_GHZ + 5e-4,
    "rabi_frequency_mhz": 0.11 * FULL_SCALE_MHZ,
    "readout_frequency_ghz": RESONATOR_GHZ,
}
"""Approximate settings, as the flow `rough` finds them."""


class TestBenchBackend(BackendContract):
    backend_class = BenchBackend

    def context(self, tmp_path):
        return BackendContext(project_id="default", chip_id="bench", qids=("0",), home=tmp_path)


class TestBenchLaboratory(LaboratoryContract):
    targets = ("0",)

    def laboratory(self, tmp_path):
        laboratory = BenchLaboratory(Box("bench-1"))
        laboratory.adjust("0", ROUGH)
        return laboratory
