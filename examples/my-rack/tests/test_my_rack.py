"""Specification of the rack: discovery by QDash, requests, and the standard tasks on it."""

import math

import numpy as np
import pytest
from qdash_core import BackendContext, BackendError, Parameter, load_plugins
from qdash_tasks.laboratory import (
    TASKS,
    Chevron,
    DetunedRamsey,
    DragScan,
    Echo,
    LaboratoryContract,
    Pulse,
    PulseTrain,
    QubitScan,
    Rabi,
    RabiAmplitude,
    Ramsey,
    RandomSequences,
    ReadoutScan,
    Relaxation,
    Shots,
    SingleShots,
    measure_targets,
)
from qdash_testing import BackendContract, TaskContract

from my_rack.backend import RackBackend
from my_rack.rack import FULL_SCALE_MHZ, LINEWIDTH_MHZ, T1_US, T2_US, Rack

CONTEXT = {"project_id": "default", "chip_id": "bench", "qids": ()}
SHOTS = Shots(count=64)
PULSE = Pulse(0.19, 40.0)
TASK = {task.name: task for task in TASKS}
REQUESTS = [
    ReadoutScan([6.89, 6.9]),
    ReadoutScan([6.89, 6.9], state=1, amplitude=0.1),
    QubitScan([4.9, 4.94, 5.0], 0.01),
    SingleShots(1),
    Rabi([0.0, 40.0, 80.0]),
    RabiAmplitude([0.0, 0.1], 40.0),
    Relaxation([0.0, 20.0]),
    Ramsey([0.0, 1.0], 0.5),
    DetunedRamsey([0.0, 1.0], 0.5, 4.9),
    Echo([0.0, 10.0]),
    PulseTrain([0, 1, 2], PULSE),
    DragScan([-0.5, 0.0, 0.5], PULSE, pairs=3),
    RandomSequences([1, 5, 10, 50], interleaved="X90"),
]


def opened(tmp_path):
    backend = RackBackend()
    backend.context = BackendContext(**CONTEXT, home=tmp_path)
    backend.connect()
    return backend


class TestRackBackend(BackendContract):
    backend_class = RackBackend

    def context(self, tmp_path):
        return BackendContext(**CONTEXT, home=tmp_path)


class TestRackLaboratory(LaboratoryContract):
    targets = ("0", "2")

    def laboratory(self, tmp_path):
        return opened(tmp_path).laboratory

    def design(self, tmp_path):
        return RackBackend.design(None)


class OnTheRack(TaskContract):
    """A standard task on the rack, performed by the engine."""

    targets = ("0", "2")

    def backend(self, tmp_path):
        return opened(tmp_path)

    def design(self, target):
        return {target: RackBackend.design(None)[target]}

    def inputs(self, target):
        rack = Rack("rack-1")
        place = int(target)
        return {
            "resonator_frequency": Parameter(rack.resonator_ghz[place], 1e-5, "GHz"),
            # Half a linewidth off, where the levels are furthest apart.
            "readout_frequency": Parameter(rack.resonator_ghz[place] - LINEWIDTH_MHZ / 2 * 1e-3, 1e-5, "GHz"),
            "qubit_frequency": Parameter(rack.qubit_ghz[place], 1e-6, "GHz"),
            "anharmonicity": Parameter(rack.anharmonicity_ghz[place], 1e-4, "GHz"),
            "control_amplitude": Parameter(0.1, 1e-4, "a.u."),
            "rabi_frequency": Parameter(0.1 * FULL_SCALE_MHZ, 0.01, "MHz"),
        }


class TestCheckRabiOnTheRack(OnTheRack):
    task = TASK["CheckRabi"]


class TestCheckT1OnTheRack(OnTheRack):
    task = TASK["CheckT1"]

    def test_it_finds_the_true_time(self, output):
        found = output.parameters["t1"]
        assert abs(found.value - T1_US) < 4 * found.error


class TestCheckRamseyOnTheRack(OnTheRack):
    task = TASK["CheckRamsey"]

    def test_it_finds_the_true_frequency(self, output):
        """The sign of phases decides: a mirrored one would move the drive away from the qubit."""
        found = output.parameters["qubit_frequency"]
        assert abs(found.value - Rack("rack-1").qubit_ghz[0]) < 5 * found.error


class TestCheckT2EchoOnTheRack(OnTheRack):
    task = TASK["CheckT2Echo"]

    def test_it_finds_the_true_time(self, output):
        found = output.parameters["t2_echo"]
        assert abs(found.value - T2_US) < 4 * found.error


class TestRandomizedBenchmarkingOnTheRack(OnTheRack):
    task = TASK["RandomizedBenchmarking"]
    parameters = {"sequences": 6, "shots": 256}


@pytest.fixture
def laboratory(tmp_path):
    return opened(tmp_path).laboratory


def test_the_plugin_is_found_and_gives_a_backend_that_says_what_it_answers():
    registry = load_plugins()
    registry.collect_all()
    (record,) = [plugin for plugin in registry.plugins if plugin.name == "my-rack"]
    assert (record.error, record.provides) == (None, {"qdash_backends": ["my-rack"]})
    offered = RackBackend.offers(BackendContext(**CONTEXT, home=None))
    assert {"laboratory", "Relaxation", "RandomSequences"} <= offered
    assert not {"Chevron", "CrossResonance"} & offered


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: type(one).__name__)
def test_every_request_is_answered_in_the_right_form(laboratory, request_):
    """`measure_targets` checks shapes and numbers, as it does for tasks."""
    found = measure_targets(laboratory, {"0": [request_], "3": [request_]}, SHOTS)
    assert [type(answers) for answers in found.values()] == [list, list], found
    assert not np.array_equal(found["0"][0].iq, found["3"][0].iq)


def test_all_requests_that_it_says_are_tried_here():
    assert {type(one) for one in REQUESTS} == RackBackend.laboratory_class.requests


@pytest.mark.parametrize(
    ("request_", "shots", "message"),
    [
        (Chevron([0.0, 40.0], [4.9]), SHOTS, "does not support Chevron"),
        (
            Relaxation([1.0]),
            Shots(count=64, reset="active"),
            "reset 'active': this laboratory supports passive",
        ),
        (Relaxation([1.0]), Shots(count=64, interval_us=10.0), "this laboratory takes at least 50 µs"),
        (QubitScan([3.0], 0.01), SHOTS, "the drive line plays 4 to 6\N{NO-BREAK SPACE}GHz"),
    ],
)
def test_what_the_rack_cannot_do_is_refused_before_it_is_touched(laboratory, request_, shots, message):
    found = measure_targets(laboratory, {"0": [request_]}, shots)
    assert message in str(found["0"])


def test_drag_cancels_what_the_third_level_does(laboratory):
    """Beta is positive for a negative anharmonicity: 1 / (4 pi |alpha|) = 0.25 ns leaves the qubit where it was."""
    laboratory.adjust("0", {"drive_frequency_ghz": Rack("rack-1").qubit_ghz[0]})
    betas = np.array([-0.25, 0.25])
    pulse = laboratory.settings["0"].plain_x180
    asked = DragScan(betas, pulse, pairs=10)
    still = PulseTrain([0], pulse)
    scan, rest = measure_targets(laboratory, {"0": [asked, still]}, Shots(count=2000))["0"]
    away = np.abs(scan.iq - rest.iq[0])
    assert away[1] < away[0] / 2


def test_a_rack_that_does_not_answer_is_a_backend_error(tmp_path, monkeypatch):
    monkeypatch.setenv("MY_RACK_ADDRESS", "nowhere")
    with pytest.raises(BackendError, match="switched on"):
        opened(tmp_path)
    with pytest.raises(BackendError, match="not connected"):
        RackBackend().read_back("0")


def test_the_phase_of_a_ramsey_is_that_of_the_port(laboratory):
    """On resonance the fringe is at the artificial detuning alone: half a turn of phase inverts the signal."""
    laboratory.adjust("0", {"drive_frequency_ghz": Rack("rack-1").qubit_ghz[0]})
    (trace,) = measure_targets(laboratory, {"0": [Ramsey([0.0, 0.5, 1.0], 1.0)]}, Shots(count=2000))["0"]
    start, half, whole = trace.iq
    assert abs(whole - start) < 0.3 * abs(half - start)
    assert math.isfinite(abs(half))


def test_a_qubit_starts_as_it_rests_and_relaxes_as_it_is_said_to():
    rack = Rack("rack-1")
    (rest,) = (rack._after(0, [("wait", 1e4)], rack.qubit_ghz[0]),)
    assert rest == pytest.approx(rack._after(0, [], rack.qubit_ghz[0]), abs=1e-9)
    excited = [("tone", 0.02, 1e3 / (2 * 0.02 * FULL_SCALE_MHZ))]
    found = [
        1 - rack._after(0, [*excited, ("wait", wait)], rack.qubit_ghz[0])[0] for wait in (0.0, T1_US, 1e4)
    ]
    assert (found[1] - found[2]) / (found[0] - found[2]) == pytest.approx(np.exp(-1), abs=2e-4)
