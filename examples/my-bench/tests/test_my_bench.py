"""Specification of the bench: a task on it, signs, and refusals by the box."""

import pytest
from qdash_core import BackendContext, Parameter
from qdash_tasks.laboratory import TASKS, Shots, Signs, run_recipes
from qdash_testing import TaskContract
from test_contracts import ROUGH

from my_bench.bench import BenchBackend, BenchLaboratory
from my_bench.box import FULL_SCALE_MHZ, QUBIT_GHZ, RESONATOR_GHZ, Box, BoxError, Segment


def opened(tmp_path):
    backend = BenchBackend()
    backend.context = BackendContext(project_id="default", chip_id="bench", qids=("0",), home=tmp_path)
    backend.connect()
    return backend


class TestCheckRamsey(TaskContract):
    """A standard task on the bench, performed by the engine."""

    task = next(one for one in TASKS if one.name == "CheckRamsey")
    targets = ("0",)

    def backend(self, tmp_path):
        return opened(tmp_path)

    def design(self, target):
        return BenchBackend.design(None)  # {target: values}; a bench has one chip

    def inputs(self, target):
        return {
            "resonator_frequency": Parameter(RESONATOR_GHZ, 1e-5, "GHz"),
            "qubit_frequency": Parameter(QUBIT_GHZ - 2e-4, 1e-5, "GHz"),
            "control_amplitude": Parameter(0.1, 1e-4, "a.u."),
            "rabi_frequency": Parameter(0.1 * FULL_SCALE_MHZ, 0.01, "MHz"),
        }

    def test_it_corrects_the_frequency_the_right_way_round(self, output):
        """A mirrored phase would double the detuning."""
        found = output.parameters["qubit_frequency"]
        assert abs(found.value - QUBIT_GHZ) < 5 * found.error


@pytest.mark.parametrize(
    ("signs", "said"),
    [
        (Signs(), "`signs` must return phase=-1"),
        (Signs(), "`signs` must return envelope=-1"),
        (Signs(envelope=-1), "`signs` must return phase=-1"),
        (Signs(phase=-1), "`signs` must return envelope=-1"),
    ],
)
def test_a_sign_that_is_not_set_is_named(monkeypatch, signs, said):
    monkeypatch.setattr(BenchLaboratory, "signs", lambda *_: signs)
    laboratory = BenchLaboratory(Box("bench-1"))
    laboratory.adjust("0", ROUGH)
    found = run_recipes(laboratory, "0", Shots(count=1000))
    assert said in " ".join(one.reading for one in found if not one.met)


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
