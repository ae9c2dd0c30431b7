"""Faults of readouts, amplifiers and modules: the truth within and outside of their hours, and traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.errors import InvalidInputError
from qdash_fake.options import TwinOptions
from qdash_fake.sampling import make_clouds
from qdash_fake.twin import create_twin
from qdash_tasks.laboratory.requests import ReadoutScan, ReadoutWaveform, Relaxation, SingleShots
from qdash_tasks.laboratory.shots import Shots

from ..case_tables import each_case
from .conftest import make_table
from .laboratory import Laboratory
from .twin_requests import asked, asked_shots

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_fake.physics.chip import ChipTruth, QubitTruth
    from qdash_fake.sampling import Clouds

HOUR_S = 3600.0
TABLE = make_table(*({} for _ in range(6)), couplings=(("0", "1"), ("1", "2")))
OF_SEVERAL = {
    "swapped-readout": ("1:3", {"1", "3"}),
    "amplifier-failure": ("1", {"4", "5"}),
    "dead-module": ("0+1", {"0", "1", "2", "3", "4", "5"}),
}
SHOTS = Shots(count=1000, reset="active")


def truth(path: Path, hour: float, **faults: str) -> ChipTruth:
    """Return the truth of a twin at an hour, with faults from hour 2 to 3."""
    given = {name: f"{text}@2-3" for name, text in faults.items()}
    twin = create_twin(path, TABLE, 1, TwinOptions.parse(given))
    return twin.wait(hour * HOUR_S).truth()


def faulty(path: Path, name: str, text: str, qid: str = "1") -> tuple[QubitTruth, QubitTruth]:
    """Return a qubit without and with a fault."""
    without = create_twin(path / "without", TABLE, 1).truth().qubits[qid]
    return without, truth(path / "with", 2.5, **{name: text}).qubits[qid]


def clouds(qubit: QubitTruth, amplitude: float = 0.1, frequency_ghz: float | None = None) -> Clouds:
    """Return the clouds of a qubit, by default at its best probe frequency."""
    probe_ghz = qubit.resonator.best_probe_ghz if frequency_ghz is None else frequency_ghz
    return make_clouds(qubit, frequency_ghz=probe_ghz, amplitude=amplitude)


def bench(path: Path, **faults: str) -> Laboratory:
    """Return a twin in hour 2.5, with these faults from hour 2 on."""
    given = {name.replace("_", "-"): f"{text}@2" for name, text in faults.items()}
    return Laboratory(path, TABLE, 1, options=given, clock_s=2.5 * HOUR_S)


@each_case("name", OF_SEVERAL)
def test_a_fault_of_several_qubits_changes_them_within_its_hours_alone(tmp_path: Path, name: str) -> None:
    text, qids = OF_SEVERAL[name]
    twin = create_twin(tmp_path / "twin", TABLE, 1, {name: f"{text}@2-3"})
    drawn = create_twin(tmp_path / "drawn", TABLE, 1).truth().qubits
    assert dict(twin.truth().qubits) == dict(drawn)
    during = twin.wait(2.5 * HOUR_S)
    assert {qid for qid, qubit in during.truth().qubits.items() if qubit != drawn[qid]} == qids
    assert set(during.remarks()) == qids
    assert all(
        "since 2\N{NO-BREAK SPACE}h of laboratory time" in said
        for remarks in during.remarks().values()
        for said in remarks
    )
    after = twin.wait(1.0 * HOUR_S)
    assert dict(after.truth().qubits) == dict(drawn)
    assert after.remarks() == {}


@each_case(
    ("name", "text", "complaint"),
    [
        ("amplifier-failure", "2@1", "made has no multiplexer 2 .known: 0, 1."),
        ("dead-module", "0+7@1", "made has no multiplexer 7"),
        ("swapped-readout", "0:9@1", "made has no qubit '9'"),
        ("swapped-readout", "1:1@1", "needs two different qubits"),
        ("lost-points", "0:1.5@1", "the share of a loss of points must be a number from 0 to 1"),
    ],
)
def test_an_impossible_fault_is_refused_with_its_reason(
    tmp_path: Path, name: str, text: str, complaint: str
) -> None:
    with pytest.raises(InvalidInputError, match=complaint):
        create_twin(tmp_path / "twin", TABLE, 1, {name: text})


@pytest.mark.parametrize(
    ("name", "text", "qid"), [("readout-attenuation", "1:20", "1"), ("amplifier-failure", "1:20", "4")]
)
def test_a_weaker_signal_meets_the_same_noise(tmp_path: Path, name: str, text: str, qid: str) -> None:
    before, after = (clouds(qubit) for qubit in faulty(tmp_path, name, text, qid))
    assert abs(after.difference) == pytest.approx(abs(before.difference) / 10)
    assert (after.noise, after.mixing) == (before.noise, before.mixing)


def test_a_saturated_amplifier_compresses_large_signals_alone(tmp_path: Path) -> None:
    before, after = faulty(tmp_path, "readout-saturation", "1:10")
    usual, compressed = (clouds(one, frequency_ghz=6.0) for one in (before, after))
    # Far from the resonance the signal is that of the line: sqrt(1 + 10) of the saturation.
    assert abs(usual.zero) / abs(compressed.zero) == pytest.approx(np.sqrt(11), rel=1e-3)
    assert abs(clouds(after, 1e-3).difference) == pytest.approx(
        abs(clouds(before, 1e-3).difference), rel=2e-3
    )


def test_a_shifted_resonator_keeps_its_form(tmp_path: Path) -> None:
    before, after = faulty(tmp_path, "resonator-shift", "1:-3")
    assert after.resonator.frequency_ghz == pytest.approx(before.resonator.frequency_ghz - 0.003)
    assert abs(clouds(after).difference) == pytest.approx(abs(clouds(before).difference), rel=1e-3)


def test_a_rotated_plane_turns_both_states(tmp_path: Path) -> None:
    before, after = (clouds(qubit) for qubit in faulty(tmp_path, "iq-rotation", "1:70"))
    for one, other in ((before.zero, after.zero), (before.difference, after.difference)):
        assert np.degrees(np.angle(other / one)) == pytest.approx(70)


def test_a_reflected_plane_has_the_conjugate(tmp_path: Path) -> None:
    before, after = (clouds(qubit) for qubit in faulty(tmp_path, "iq-reflection", "1"))
    assert after.zero == pytest.approx(np.conj(before.zero))
    assert after.difference == pytest.approx(np.conj(before.difference))


def test_an_offset_is_the_same_for_every_readout_and_turns_with_time(tmp_path: Path) -> None:
    before, after = faulty(tmp_path, "iq-offset", "1:0.05")
    moved = [clouds(after, amplitude).zero - clouds(before, amplitude).zero for amplitude in (0.01, 0.1)]
    assert moved[0] == pytest.approx(moved[1])
    assert abs(moved[0]) == pytest.approx(0.05 * before.readout.amplitude * abs(before.resonator.gain))
    turned = faulty(tmp_path / "turned", "iq-offset", f"1:0.05:{0.25 / 1800}")[1].chain.offset
    assert np.degrees(np.angle(turned / after.chain.offset)) == pytest.approx(90, abs=1)


def test_a_line_through_the_resonator_shows_a_peak_of_the_same_contrast(tmp_path: Path) -> None:
    before, after = faulty(tmp_path, "resonator-peak", "1")
    assert abs(clouds(after).difference) == pytest.approx(abs(clouds(before).difference))
    on, off = (
        abs(clouds(after, frequency_ghz=after.resonator.frequency_ghz + away).zero) for away in (0.0, 0.2)
    )
    assert off < 0.05 * on


def test_a_readout_that_settles_slowly_shows_a_decay_that_rises_at_first(tmp_path: Path) -> None:
    before, after = faulty(tmp_path, "slow-settling", "1:0.8:4")
    assert abs(clouds(after).difference) == pytest.approx(0.2 * abs(clouds(before).difference))
    laboratory = bench(tmp_path, slow_settling="1:0.8:4").calibrate_perfectly().backend.laboratory
    delays_us = np.array([0.0, 4.0, 12.0, 2000.0])
    trace = asked(laboratory, {"1": Relaxation(delays_us)}, Shots(count=20_000, reset="active"))["1"]
    shown = np.abs(trace.iq[:3] - trace.iq[3])
    expected = (1 - 0.8 * np.exp(-delays_us[:3] / 4)) * np.exp(-delays_us[:3] / before.coherence.t1_us)
    assert shown / shown[2] == pytest.approx(expected / expected[2], rel=0.1)
    assert shown[0] < shown[1] < shown[2]


def test_exchanged_lines_give_a_strong_signal_without_the_state(tmp_path: Path) -> None:
    during = truth(tmp_path, 2.5, **{"swapped-readout": "1:3"}).qubits
    assert during["1"].readout.dead
    assert during["1"].resonator.frequency_ghz == pytest.approx(
        create_twin(tmp_path / "x", TABLE, 1).truth().qubits["3"].resonator.frequency_ghz
    )
    assert abs(clouds(during["1"], frequency_ghz=6.0).zero) > 0.01


def test_a_failed_reset_starts_half_of_the_shots_in_one(tmp_path: Path) -> None:
    laboratory = bench(tmp_path, reset_failure="1").calibrate_perfectly()
    assert laboratory.chip.qubits["1"].active_reset.residual == 0.5
    assert laboratory.chip.qubits["1"].thermal_population < 0.1
    both = asked_shots(laboratory.backend.laboratory, {q: SingleShots(0) for q in "12"}, SHOTS)
    where = {q: clouds(laboratory.chip.qubits[q]) for q in "12"}
    excited = {q: float((((both[q] - where[q].zero) / where[q].difference).real > 0.5).mean()) for q in "12"}
    assert excited["1"] == pytest.approx(0.5, abs=0.08)
    assert excited["2"] < 0.1


def test_lost_points_and_shots_hold_noise_alone(tmp_path: Path) -> None:
    laboratory = bench(tmp_path, lost_points="1:0.2").calibrate_perfectly().backend.laboratory
    scan = asked(laboratory, {"1": ReadoutScan(np.full(400, 6.0), state=0)}, SHOTS)["1"]
    lost = np.abs(scan.iq) < 10 * np.abs(scan.sigma)
    assert lost.mean() == pytest.approx(0.2, abs=0.08)
    shots = asked_shots(laboratory, {"1": SingleShots(0)}, SHOTS)["1"]
    usual = asked_shots(
        bench(tmp_path / "usual").calibrate_perfectly().backend.laboratory, {"1": SingleShots(0)}, SHOTS
    )["1"]
    assert abs(shots.mean()) / abs(usual.mean()) == pytest.approx(0.8, abs=0.1)


def test_a_late_signal_is_integrated_in_part_and_seen_late(tmp_path: Path) -> None:
    before, after = faulty(tmp_path, "readout-delay", "1:100")
    missed = 0.1 / before.readout.integration_us
    assert abs(clouds(after).difference) == pytest.approx((1 - missed) * abs(clouds(before).difference))
    assert after.resonator.delay_ns == before.resonator.delay_ns + 100
    starts = ReadoutWaveform(np.arange(0.0, 400.0, 8.0), window_ns=8.0)
    usual, late = (
        asked(
            bench(tmp_path / name, **faults).calibrate_perfectly().backend.laboratory,
            {"1": starts},
            Shots(count=100_000),
        )["1"]
        for name, faults in (("usual", {}), ("late", {"readout_delay": "1:100"}))
    )
    arrival = [int(np.argmax(np.abs(one.iq) > np.abs(one.iq).max() / 2)) * 8 for one in (usual, late)]
    assert arrival[1] - arrival[0] == pytest.approx(100, abs=9)


def test_a_spurious_tone_is_a_dip_of_a_scan_and_keeps_the_contrast(tmp_path: Path) -> None:
    before, after = faulty(tmp_path, "spurious-tone", "1:20")
    at_tone = before.resonator.frequency_ghz + 0.02
    assert abs(clouds(after, frequency_ghz=at_tone).zero) < 0.1 * abs(
        clouds(before, frequency_ghz=at_tone).zero
    )
    assert clouds(after).difference == pytest.approx(clouds(before).difference)
    # Its amplitude does not follow that of the probe.
    assert abs(clouds(after, 0.01, at_tone).zero) > 5 * abs(clouds(before, 0.01, at_tone).zero)


def test_a_drifting_phase_turns_along_a_sweep(tmp_path: Path) -> None:
    laboratory = bench(tmp_path, iq_drift="1:300").calibrate_perfectly().backend.laboratory
    begin_s = laboratory.lab_seconds
    scan = asked(laboratory, {"1": ReadoutScan(np.full(64, 6.0), state=0)}, SHOTS)["1"]
    passed_s = laboratory.lab_seconds - begin_s - 0.1
    turned = np.degrees(np.unwrap(np.angle(scan.iq)))
    # Sixteen parts of four points; the programs are loaded within the first one.
    assert turned[-4:].mean() - turned[4:8].mean() == pytest.approx(300 * passed_s * 14 / 16, rel=0.05)


def test_a_dead_module_kills_the_drive_lines_of_its_multiplexers(tmp_path: Path) -> None:
    during = truth(tmp_path, 2.5, **{"dead-module": "1"}).qubits
    assert [qid for qid, qubit in during.items() if qubit.drive.dead] == ["4", "5"]
