"""CheckWaveform on twins, and the rise of their readouts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.errors import AnalysisError
from qdash_core.models.raw_data import RawData
from qdash_fake.devices import load_device
from qdash_fake.physics.ring_up import average_windows
from qdash_fake.pulse_level.laboratory import PulseTwin
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.requests import ReadoutWaveform
from qdash_tasks.laboratory.shots import Shots
from qdash_tasks.tasks import CheckWaveform

from .conftest import make_table
from .laboratory import Laboratory

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("device", "seeds"),
    [
        ("jakarta", 1),
        pytest.param("guadalupe", 2, marks=pytest.mark.slow),
        pytest.param("montreal", 3, marks=pytest.mark.release),
    ],
)
def test_arrival_and_ring_up_are_those_of_the_resonator(tmp_path: Path, device: str, seeds: int) -> None:
    pulls = []
    for seed in range(seeds):
        laboratory = Laboratory(tmp_path / str(seed), load_device(device), seed).calibrate_perfectly()
        for qid, qubit in laboratory.chip.qubits.items():
            note = laboratory.run(CheckWaveform, qid).note
            true = {
                "arrival_ns": qubit.resonator.delay_ns,
                "ring_up_ns": 1e3 / (np.pi * qubit.resonator.linewidth_mhz),
            }
            pulls += [
                (note[name]["value"] - value) / note[name]["error"]
                for name, value in true.items()
                if name in note
            ]
    # At most one qubit in ten has a ring-up that is not resolved.
    assert len(pulls) > 1.9 * seeds * len(load_device(device).qids) - 1
    assert np.abs(pulls).max() < 4.5
    assert np.mean(np.abs(pulls) < 1) > 0.683 - 3 * np.sqrt(0.683 * 0.317 / len(pulls))


@pytest.mark.parametrize("chips", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_readout_that_excites_the_qubit_widens_the_error_of_the_ring_up(tmp_path: Path, chips: int) -> None:
    pulls = []
    for seed in range(chips):
        laboratory = Laboratory(tmp_path / str(seed), load_device("jakarta"), seed).calibrate_perfectly()
        for qid, qubit in laboratory.chip.qubits.items():
            settings = laboratory.backend.laboratory.settings[qid]
            laboratory.backend.laboratory.adjust(qid, {"readout_amplitude": 3 * settings.readout_amplitude})
            rise = laboratory.run(CheckWaveform, qid).note.get("ring_up_ns")
            if rise is not None:
                pulls.append((rise["value"] - 1e3 / (np.pi * qubit.resonator.linewidth_mhz)) / rise["error"])
    assert len(pulls) > 4 * chips
    assert np.abs(pulls).max() < 3.5


def test_noise_alone_is_no_waveform(tmp_path: Path) -> None:
    raw = Laboratory(tmp_path, make_table({}), 1).calibrate_perfectly().measure(CheckWaveform, "0")
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(2, raw["waveform_iq"].size)).T @ [1, 1j] * np.abs(raw["waveform_sigma"])
    arrays = {**raw.arrays, "waveform_iq": (noise, "a.u.")}
    with pytest.raises(AnalysisError, match="no readout signal above the noise"):
        CheckWaveform().postprocess(None, RawData(arrays, raw.attributes))


def test_a_signal_that_arrives_too_late_is_refused(tmp_path: Path) -> None:
    raw = (
        Laboratory(tmp_path, make_table({}), 1)
        .calibrate_perfectly()
        .measure(CheckWaveform, "0", shots=10_000)
    )
    late = np.roll(raw["waveform_iq"], 35)
    late[:35] = raw["waveform_iq"][0]
    with pytest.raises(AnalysisError, match="correct the delay of the capture, or lengthen the readout"):
        CheckWaveform().postprocess(
            None, RawData({**raw.arrays, "waveform_iq": (late, "a.u.")}, raw.attributes)
        )


def test_a_twin_that_plays_pulses_gives_the_same_waveform(tmp_path: Path) -> None:
    chip = Laboratory(tmp_path, make_table({}), 1).chip
    request, shots = ReadoutWaveform(np.arange(0.0, 1280.0, 64.0), 64.0), Shots(count=10**6)
    twin = Laboratory(tmp_path / "other", make_table({}), 1).backend.laboratory
    answers = [
        measure_targets(laboratory, {"0": [request]}, shots)["0"]
        for laboratory in (twin, PulseTwin(chip, number=1))
    ]
    first, second = (one[0] for one in answers if not isinstance(one, Exception))
    np.testing.assert_allclose(first.iq, second.iq, atol=6 * float(np.abs(first.sigma).max()))


@pytest.mark.parametrize("excited", [False, True])
def test_the_rise_is_the_step_response_of_the_notch(tmp_path: Path, excited: bool) -> None:
    """A sum over the frequencies of a step, through the transmission of the resonator, gives the same signal."""
    resonator = replace(Laboratory(tmp_path, make_table({}), 3).chip.qubits["0"].resonator, delay_ns=40.0)
    probe, starts, window = resonator.frequency_ghz + 4e-4, np.arange(0.0, 2000.0, 50.0), 50.0
    # A square pulse of 100 us, repeated with a period of 200 us, sampled every 5 ns.
    samples, step_ns = 40_000, 5.0
    pulse = (np.arange(samples) < samples // 2).astype(complex)
    offsets_ghz = np.fft.fftfreq(samples, step_ns)
    line = resonator.transmission(probe + offsets_ghz, excited=excited)
    # The cable turns the phase of the probe too, which the steady state has.
    signal = np.fft.ifft(np.fft.fft(pulse) * line)
    expected = signal[: starts.size * 10].reshape(-1, 10).mean(axis=1)
    found = average_windows(resonator, probe, starts, window, excited=excited)
    # Sampling smears the start by one step.
    np.testing.assert_allclose(found, expected, atol=0.06 * abs(found).max())
    np.testing.assert_allclose(found[3:], expected[3:], atol=0.01 * abs(found).max())
