"""The bench from the outside: it keeps the contracts, and finds what is true of the qubit behind the box."""

import pytest
from qdash_core import BackendContext, Parameter
from qdash_core.testing import BackendContract, TaskContract
from qdash_tasks.laboratory.contract import LaboratoryContract
from qdash_tasks.qubit.ramsey import CheckRamsey
from qdash_tasks.qubit.t1 import CheckT1

from my_bench.bench import BenchBackend, BenchLaboratory
from my_bench.box import (
    FULL_SCALE_MHZ,
    QUBIT_GHZ,
    RESONATOR_GHZ,
    T1_US,
    Box,
    BoxError,
    Segment,
)


def opened(tmp_path):
    backend = BenchBackend()
    backend.context = BackendContext(project_id="default", chip_id="bench", qids=("0",), home=tmp_path)
    backend.connect()
    return backend


class TestBenchBackend(BackendContract):
    backend_class = BenchBackend

    def context(self, tmp_path):
        return BackendContext(project_id="default", chip_id="bench", qids=("0",), home=tmp_path)


class TestBenchLaboratory(LaboratoryContract):
    targets = ("0",)

    def laboratory(self, tmp_path):
        return BenchLaboratory(Box("bench-1"))


class OnTheBench(TaskContract):
    """A standard task on the bench, as the engine runs it."""

    targets = ("0",)

    def backend(self, tmp_path):
        return opened(tmp_path)

    def design(self, target):
        return BenchBackend.design(None)

    def inputs(self, target):
        return {
            "resonator_frequency": Parameter(RESONATOR_GHZ, 1e-5, "GHz"),
            "qubit_frequency": Parameter(QUBIT_GHZ - 2e-4, 1e-5, "GHz"),
            "control_amplitude": Parameter(0.1, 1e-4, "a.u."),
            "rabi_frequency": Parameter(0.1 * FULL_SCALE_MHZ, 0.01, "MHz"),
        }


class TestCheckT1(OnTheBench):
    task = CheckT1

    def test_it_finds_the_true_time(self, output):
        found = output.parameters["t1"]
        assert abs(found.value - T1_US) < 4 * found.error


class TestCheckRamsey(OnTheBench):
    task = CheckRamsey

    def test_it_corrects_the_frequency_the_right_way_round(self, output):
        """With a mirrored phase it would be twice as far away."""
        found = output.parameters["qubit_frequency"]
        assert abs(found.value - QUBIT_GHZ) < 5 * found.error


@pytest.mark.parametrize(
    ("pulse_start", "gain", "capture_start", "message"),
    [
        (0.5, 0.1, 20, "samples are whole"),
        (0, 1.5, 20, "full scale is 1"),
        (0, 0.1, 8, "one follows the other"),
    ],
)
def test_the_box_refuses_what_it_cannot_play(pulse_start, gain, capture_start, message):
    box, segment = Box("bench-1"), Segment()
    segment.play(pulse_start, box.load([1.0] * 10), gain, 4.9e9, 0.0)
    segment.capture(capture_start, 1000, 6.9e9, 0.2)
    with pytest.raises(BoxError, match=message):
        box.arm([segment], shots=1, wait_us=150.0)
