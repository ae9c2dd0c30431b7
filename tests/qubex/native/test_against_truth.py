"""The library's own procedures, with its schedules and fits, on a chip of known truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.backends.base import BackendContext
from qdash_core.models.estimates import Parameter
from qdash_fake.pair_truth import PairInUse, PairTruths
from qdash_fake.truth import compute_ideal_settings
from qdash_qubex.native.backend import QubexNativeBackend
from qdash_qubex.native.bell_state_tomography import CheckBellStateTomography
from qdash_qubex.native.cross_resonance import CheckCrossResonance
from qdash_qubex.native.drag_pulses import CreateDRAGHPIPulse
from qdash_qubex.native.plain_pulses import CreateHPIPulse
from qdash_qubex.native.rabi import CheckRabi
from qdash_qubex.native.ramsey import CheckRamsey
from qdash_qubex.native.readout_classification import ReadoutClassification
from qdash_qubex.native.resonator_spectroscopy import CheckResonatorSpectroscopy
from qdash_qubex.native.t1 import CheckT1
from qdash_qubex.native.t2_echo import CheckT2Echo
from qdash_qubex.native.zx90 import CreateZX90
from qdash_tasks.laboratory.coupling_settings import CouplingSettings

from .stand_in import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.tasks.base import BaseTask, TaskOutput

    from ..conftest import QubexBench

pytestmark = pytest.mark.slow

OFF_GHZ = 3e-4
"""Detuning of the drive, so that a fringe shows its sign."""
RELAXED_NS = 500_000.0
"""More than five T1 of either qubit, in ns."""


def tuned(backend: QubexNativeBackend, bench: QubexBench, *, off_ghz: float) -> None:
    """Set the values that earlier tasks would have found in the library."""
    for qid in bench.qids:
        true = bench.true["qubits"][qid]
        names = ("readout_frequency", "readout_amplitude", "control_amplitude", "anharmonicity")
        found = {name: Parameter(true[name][0]) for name in names}
        frequency = Parameter(true["qubit_frequency"][0] + off_ghz, None, "GHz")
        backend.apply({qid: {**found, "qubit_frequency": frequency}})


@pytest.fixture(scope="module")
def backend(bench: QubexBench) -> Iterator[QubexNativeBackend]:
    """A connected backend, with the drive slightly above the qubits."""
    backend = QubexNativeBackend()
    backend.context = BackendContext(project_id="default", chip_id="SIM", qids=bench.qids, home=bench.home)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in bench.environment.items():
            patch.setenv(name, value)
        backend.connect()
        tuned(backend, bench, off_ghz=OFF_GHZ)
        yield backend
        backend.disconnect()


@pytest.fixture(scope="module")
def rabi(backend: QubexNativeBackend, bench: QubexBench) -> Mapping[str, Any]:
    """Rabi calibrations, the reference of all signals in the library."""
    return measured(backend, CheckRabi, bench.qids)


def measured(
    backend: QubexNativeBackend, task: type[BaseTask], qids: tuple[str, ...], **parameters: Any
) -> dict[str, TaskOutput]:
    instances = [prepared(task, qid, **parameters) for qid in qids]
    if task.simultaneous:
        raw = list(task.run_group(backend, instances))
    else:
        raw = [instance.run(backend) for instance in instances]
    found = {
        qid: instance.postprocess(None, one) for qid, instance, one in zip(qids, instances, raw, strict=True)
    }
    for instance in instances:
        instance.accepted(backend)
    return found


def assert_near(output: TaskOutput, bench: QubexBench, qid: str, name: str, *, sigma: float = 4.0) -> None:
    found, (truth, unit) = output.parameters[name], bench.true["qubits"][qid][name]
    assert found.unit == unit
    assert found.error is not None
    assert abs(found.value - truth) < sigma * found.error, (name, qid, found, truth)


@pytest.fixture
def resonant(
    backend: QubexNativeBackend, bench: QubexBench, rabi: Mapping[str, Any]
) -> Iterator[QubexNativeBackend]:
    """A connected backend with the drive on resonance, and with calibrated pulses and readout."""
    assert rabi
    tuned(backend, bench, off_ghz=0.0)
    measured(backend, CreateHPIPulse, bench.qids, interval=RELAXED_NS)
    measured(backend, ReadoutClassification, bench.qids, shots=1000, interval=RELAXED_NS)
    yield backend
    tuned(backend, bench, off_ghz=OFF_GHZ)


@pytest.mark.parametrize("qid", ["0", "1"])
def test_rabi(rabi: Mapping[str, TaskOutput], bench: QubexBench, qid: str) -> None:
    assert_near(rabi[qid], bench, qid, "rabi_frequency")
    assert_near(rabi[qid], bench, qid, "maximum_rabi_frequency")


@pytest.mark.parametrize(("task", "name"), [(CheckT1, "t1"), (CheckT2Echo, "t2_echo")])
@pytest.mark.usefixtures("rabi")
def test_decays(backend: QubexNativeBackend, bench: QubexBench, task: type[BaseTask], name: str) -> None:
    delays = [float(delay) for delay in np.geomspace(500.0, 400_000.0, 21)]

    found = measured(backend, task, bench.qids, time_range=delays, interval=RELAXED_NS)

    for qid in bench.qids:
        assert_near(found[qid], bench, qid, name)


@pytest.mark.usefixtures("rabi")
def test_ramsey_finds_the_frequency_on_the_right_side(backend: QubexNativeBackend, bench: QubexBench) -> None:
    delays = [100.0 * step for step in range(81)]

    found = measured(backend, CheckRamsey, bench.qids, time_range=delays, interval=RELAXED_NS)

    for qid in bench.qids:
        assert_near(found[qid], bench, qid, "qubit_frequency")
        assert "t2_star" not in found[qid].parameters  # 50 us and more are not seen in 8


@pytest.mark.usefixtures("rabi")
def test_readout(backend: QubexNativeBackend, bench: QubexBench) -> None:
    shots = 2000

    found = measured(backend, ReadoutClassification, bench.qids, shots=shots, interval=RELAXED_NS)

    for qid in bench.qids:
        truth, _ = bench.true["qubits"][qid]["average_readout_fidelity"]
        # Binomial, both states; the pulse of the uncalibrated library and its threshold add less than 0.02.
        scatter = np.sqrt(truth * (1 - truth) / (2 * shots))
        assert abs(found[qid].parameters["average_readout_fidelity"].value - truth) < 4 * scatter + 0.02


@pytest.mark.usefixtures("rabi")
def test_a_half_pi_pulse_of_the_standard_shape(backend: QubexNativeBackend, bench: QubexBench) -> None:
    found = measured(backend, CreateHPIPulse, bench.qids, interval=RELAXED_NS)

    for qid in bench.qids:
        true = bench.true["qubits"][qid]
        pulse = {name: found[qid].parameters[name].value for name in ("hpi_amplitude", "hpi_length")}
        area = true["hpi_amplitude"][0] * true["hpi_length"][0]
        # 20 points with a scatter of 0.05 about one period in the sweep: a quarter of a percent.
        assert pulse["hpi_amplitude"] * pulse["hpi_length"] == pytest.approx(area, rel=0.01)


def test_the_library_s_drag_pulse_has_the_right_sense(
    resonant: QubexNativeBackend, bench: QubexBench
) -> None:
    """Its optimum against phase errors is near half of the inverse anharmonicity, for any shape."""
    found = measured(resonant, CreateDRAGHPIPulse, bench.qids[:1], interval=RELAXED_NS)

    alpha = 2 * np.pi * bench.true["qubits"]["0"]["anharmonicity"][0]
    assert found["0"].quality["library_beta_ns"] == pytest.approx(-0.5 / alpha, rel=0.5)


def test_resonator(backend: QubexNativeBackend, bench: QubexBench) -> None:
    found = measured(backend, CheckResonatorSpectroscopy, bench.qids)

    for qid in bench.qids:
        truth, _ = bench.true["qubits"][qid]["resonator_frequency"]
        # The library states no error; its points are half a MHz apart.
        assert found[qid].parameters["resonator_frequency"].value == pytest.approx(truth, abs=5e-4)


def test_a_tone_a_gate_and_a_bell_state(resonant: QubexNativeBackend, bench: QubexBench) -> None:
    pair = ("0-1",)

    tone = measured(resonant, CheckCrossResonance, pair, iterations=2, interval=RELAXED_NS)["0-1"].parameters
    gate = measured(resonant, CreateZX90, pair, interval=RELAXED_NS)["0-1"]
    bell = measured(resonant, CheckBellStateTomography, pair, shots=1000, interval=RELAXED_NS)["0-1"]

    played = CouplingSettings(
        **{
            name: tone[name].value
            for name in ("cr_amplitude", "cr_phase", "cancel_amplitude", "cancel_phase")
        }
    )
    truth = PairTruths(
        bench.truth,
        lambda qid: compute_ideal_settings(bench.truth.qubits[qid]),
        {"0-1": PairInUse(control="0", settings=played)},
    ).compute_at_settings("0-1")
    # The library says no error: thirty points of each axis that scatter by 0.05 make a percent, its last correction another.
    assert tone["zx_rotation_rate"].value == pytest.approx(truth["zx_rotation_rate"][0], rel=0.03)
    # Two tones of a whole number of 16 ns, and two pi pulses.
    assert 200.0 < gate.parameters["library_zx90_gate_time"].value < 800.0
    # Nine pairs of bases of 1000 shots scatter by 0.01; the gate loses one percent, the library's pulses without DRAG another.
    assert 0.92 < bell.parameters["bell_state_fidelity"].value <= 1
    assert 0.93 < bell.quality["bell_state_fidelity_raw"] < 1.04
