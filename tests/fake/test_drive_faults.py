"""Faults of a drive line: the truth and the played pulses during the fault."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_analysis.cliffords.one_qubit import ends_in_one
from qdash_fake.laboratory import TwinLaboratory
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.pair import make_pair
from qdash_fake.physics.trains import compute_rotation_angle, find_true_amplitude, find_true_beta
from qdash_fake.truth import compute_ideal_settings, compute_true_parameters
from qdash_fake.twin import create_twin
from qdash_tasks.laboratory.pulses import CrossResonanceTone, Pulse
from qdash_tasks.laboratory.requests import QubitScan, Rabi, RabiAmplitude, Ramsey, RandomSequences
from qdash_tasks.laboratory.shots import Shots

from .conftest import make_table
from .timed_changes import make_change
from .twin_requests import asked

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth, QubitTruth
    from qdash_tasks.laboratory.request import Request

TABLE = make_table({}, {"frequency_ghz": 5.12}, couplings=(("0", "1"),))
CHIP = draw_chip(TABLE, 1)
QUBIT = CHIP.qubits["0"]
PULSE = Pulse(amplitude=0.06, length_ns=40.0, beta_ns=0.0)


def during(name: str, text: str, *, qid: str = "0") -> QubitTruth:
    return make_change(name, f"{text}@0", CHIP, qid).at(CHIP.qubits[qid], 1.0)


def chip_with(*qubits: QubitTruth) -> ChipTruth:
    changed = {**CHIP.qubits, **{qubit.qid: qubit for qubit in qubits}}
    return replace(CHIP, qubits=MappingProxyType(changed))


def signal(chip: ChipTruth, request: Request, count: int = 4000) -> NDArray[np.float64]:
    """Return what a calibrated laboratory of the chip without faults measures: 0 to 1 for |0> to |1>."""
    laboratory: Any = TwinLaboratory(chip, number=1)
    settings = compute_ideal_settings(QUBIT).as_note()
    laboratory.adjust("0", {name: value for name, value in settings.items() if value is not None})
    lab = laboratory._TwinLaboratory__lab
    clouds = lab.clouds("0")
    iq = asked(laboratory, {"0": request}, Shots(count=count))["0"].iq
    return np.asarray(((iq - clouds.zero) / clouds.difference).real)


def test_attenuation_and_gain_scale_the_rabi_frequency() -> None:
    usual = QUBIT.drive.rabi_mhz(0.1)
    assert during("drive-attenuation", "0:20").drive.rabi_mhz(0.1) == pytest.approx(usual / 10)
    assert during("drive-gain", "0:20").drive.rabi_mhz(0.1) == pytest.approx(usual * 10)


def test_a_compressed_drive_is_linear_when_weak_and_saturates() -> None:
    compressed = during("drive-compression", "0:0.2")
    assert compressed.drive.rabi_mhz(0.01) == pytest.approx(QUBIT.drive.rabi_mhz(0.01), rel=1e-5)
    assert compressed.drive.rabi_mhz(1.0) == pytest.approx(QUBIT.drive.rabi_mhz(0.2), rel=1e-3)
    amplitude = compressed.drive.find_amplitude(QUBIT.drive.rabi_mhz(0.15))
    assert amplitude is not None
    assert compressed.drive.rabi_mhz(amplitude) == pytest.approx(QUBIT.drive.rabi_mhz(0.15))
    assert compressed.drive.find_amplitude(QUBIT.drive.rabi_mhz(0.3)) is None
    assert "coarse_control_amplitude" in _truth_of(compressed)
    assert "coarse_control_amplitude" not in _truth_of(during("drive-compression", "0:0.001"))


def _truth_of(qubit: QubitTruth) -> dict[str, tuple[float, str]]:
    return compute_true_parameters(chip_with(qubit))["qubits"]["0"]


def test_the_amplitude_of_a_compressed_pulse_grows_more_than_its_angle() -> None:
    compressed = during("drive-compression", "0:0.2")
    half, whole = (
        find_true_amplitude(compressed, PULSE, angle_rad=angle, detuning_mhz=0.0)
        for angle in (np.pi / 2, np.pi)
    )
    assert whole > 2.02 * half
    sweep = np.linspace(0.0, 0.8, 41)
    turns = [
        signal(chip_with(qubit), RabiAmplitude(sweep, duration_ns=20.0)) for qubit in (QUBIT, compressed)
    ]
    crossings = [np.count_nonzero(np.diff(np.sign(one - 0.5))) for one in turns]
    assert crossings[1] < crossings[0] / 2


def test_amplitude_noise_damps_a_rabi_oscillation() -> None:
    durations_ns = np.linspace(300.0, 500.0, 41)
    usual, noisy = (
        np.ptp(signal(chip_with(qubit), Rabi(durations_ns)))
        for qubit in (QUBIT, during("drive-noise", "0:0.1"))
    )
    assert noisy < usual / 3


def test_behind_swapped_lines_each_generator_drives_the_other_qubit(tmp_path: Path) -> None:
    twin = create_twin(tmp_path / "twin", TABLE, 1, {"swapped-drive": "0:1@0"})
    chip = twin.truth()
    one, other = chip.qubits["0"], chip.qubits["1"]
    heard = CHIP.qubits["1"].crosstalk["0"][0]
    assert one.drive.rabi_mhz(1.0) == pytest.approx(CHIP.qubits["1"].drive.rabi_mhz(1.0) * heard)
    assert one.drive.rabi_mhz(0.1) * one.crosstalk["1"][0] == pytest.approx(QUBIT.drive.rabi_mhz(0.1))
    assert np.ptp(signal(chip, Rabi(np.linspace(0.0, 40.0, 21)))) < 0.2
    # A weak drive, which does not saturate the other qubit through the usual crosstalk.
    scan = QubitScan(other.frequency_ghz + np.array([0.0, 0.02]), amplitude=2e-5)
    swapped, usual = (np.diff(signal(found, scan, 20000))[0] for found in (chip, CHIP))
    assert swapped < -0.2 * one.crosstalk["1"][1]
    assert abs(usual) < abs(swapped) / 3


def test_a_line_swapped_with_that_of_a_distant_qubit_is_almost_dead() -> None:
    table = make_table({}, {}, {}, couplings=(("0", "1"), ("1", "2")))
    chip = draw_chip(table, 1)
    swapped = make_change("swapped-drive", "0:2@0", chip).at(chip.qubits["0"], 1.0)
    assert swapped.drive.rabi_mhz(1.0) == pytest.approx(1e-3 * chip.qubits["2"].drive.rabi_mhz(1.0))


def test_with_mirrored_phases_the_artificial_detuning_and_the_drag_coefficient_change_sign() -> None:
    mirrored = during("wrong-sign", "0")
    detuned = replace(QUBIT, frequency_ghz=QUBIT.frequency_ghz + 1e-3)
    delays_us = np.linspace(0.0, 2.0, 41)
    usual, reversed_ = (
        signal(chip_with(replace(detuned, drive=drive)), Ramsey(delays_us, detuning_mhz=detuning))
        for drive, detuning in ((QUBIT.drive, -0.5), (mirrored.drive, 0.5))
    )
    assert usual == pytest.approx(reversed_, abs=0.08)  # 5 sigma of 4,000 shots
    betas = [find_true_beta(one, PULSE, detuning_mhz=0.0) for one in (QUBIT, mirrored)]
    assert betas[0] > 0
    assert betas[1] == pytest.approx(-betas[0])


def test_with_mirrored_phases_a_tone_has_the_other_phase() -> None:
    tone = CrossResonanceTone(amplitude=0.5, phase_rad=0.3)
    opposite = replace(tone, phase_rad=-0.3)
    mirrored = make_pair(chip_with(during("wrong-sign", "0")), "0-1", "0")
    assert mirrored.drives(tone) == make_pair(CHIP, "0-1", "0").drives(opposite)


def test_a_distorted_pulse_turns_about_another_axis_that_no_drag_repairs() -> None:
    distorted = during("pulse-distortion", "0:0.1")
    angle = compute_rotation_angle(distorted, PULSE, detuning_mhz=0.0)
    assert angle > 1.02 * compute_rotation_angle(QUBIT, PULSE, detuning_mhz=0.0)
    before, after = (_truth_of(one)["x180_gate_fidelity"][0] for one in (QUBIT, distorted))
    assert after < before - 0.005
    assert distorted.mismatch.droop == pytest.approx(QUBIT.mismatch.droop + 0.1)


def test_a_random_sequence_without_a_trigger_leaves_the_qubit_at_rest() -> None:
    lengths = np.full(400, 3.0)
    usual, lost = (
        signal(chip_with(qubit), RandomSequences(lengths))
        for qubit in (QUBIT, during("lost-sequences", "0:0.2"))
    )
    # Half of the sequences should end in |1>.
    assert np.mean(usual > 0.5) == pytest.approx(0.5, abs=0.01)
    assert np.mean(lost > 0.5) == pytest.approx(0.4, abs=0.05)
    assert np.mean((lost < 0.5) & ends_in_one(lengths.size)) == pytest.approx(0.1, abs=0.05)


def test_crosstalk_is_changed_for_both_qubits() -> None:
    for qid, other in (("0", "1"), ("1", "0")):
        qubit = during("crosstalk", "0:1:-6", qid=qid)
        heard, visibility = qubit.crosstalk[other]
        assert heard == pytest.approx(10 ** (-6 / 20))
        assert visibility == CHIP.qubits[qid].crosstalk[other][1]
