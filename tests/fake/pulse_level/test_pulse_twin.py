"""Twin that plays pulses: refusals, readouts, clock, and faults."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.errors import InvalidInputError
from qdash_fake.devices import load_device
from qdash_fake.laboratory import TwinLaboratory
from qdash_fake.options import TwinOptions
from qdash_fake.pulse_level.laboratory import PulseTwin
from qdash_fake.sampling import make_clouds
from qdash_fake.twin import create_twin
from qdash_tasks.laboratory.limits import LineLimits, ReadoutLimits
from qdash_tasks.laboratory.program import Program, ProgramAnswer, Waveform
from qdash_tasks.laboratory.requests import DragScan, QubitScan, Ramsey, RandomSequences
from qdash_tasks.laboratory.shots import Shots
from qdash_tasks.laboratory.timeline import Timeline

from ...case_tables import each_case
from ..twin_requests import asked
from .one_qubit_twin import with_perfect_settings

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_fake.physics.chip import ChipTruth

MANY = Shots(count=200_000, reset="active")


def opened(chip: ChipTruth, **options: Any) -> PulseTwin:
    """Return a laboratory with perfect settings."""
    laboratory = PulseTwin(chip, number=1, options=TwinOptions(pulse_level=True, **options))
    with_perfect_settings(laboratory, chip)
    return laboratory


def program(laboratory: PulseTwin, *qids: str, pulses: int = 1, wait_ns: float = 0.0) -> Program:
    """Return a program of several X90 on each qubit, a wait, and one readout of all."""
    line = Timeline(laboratory.settings, laboratory.limits)
    for qid in qids:
        for _ in range(pulses):
            line.pulse(qid, laboratory.settings[qid].x90)
        line.wait(qid, wait_ns)
    return line.read(*qids)


def signal(chip: ChipTruth, laboratory: PulseTwin, answer: ProgramAnswer, qid: str) -> np.ndarray:
    """Return the projection of points onto the line from the cloud of |0> (0) to that of |1> (1)."""
    settings = laboratory.settings[qid]
    where = make_clouds(
        chip.qubits[qid],
        frequency_ghz=settings.readout_frequency_ghz,
        amplitude=settings.readout_amplitude,
    )
    iq = answer.iq[qid]
    points = iq.mean if iq.each is None else iq.each
    return np.asarray(((points - where.zero) / where.difference).real)


def test_the_mean_of_all_shots_is_that_of_every_shot(jakarta: ChipTruth) -> None:
    laboratory = opened(jakarta)
    (mean,) = laboratory.play([program(laboratory, "1")], MANY)
    (every,) = laboratory.play([program(laboratory, "1")], replace(MANY, keep="each"))
    covariance, each = mean.iq["1"].covariance, every.iq["1"].each
    assert covariance is not None
    assert each is not None
    assert each.shape == (MANY.count, 1)
    scattered = np.cov(each[:, 0].real, each[:, 0].imag) / MANY.count
    np.testing.assert_allclose(covariance[0], scattered, atol=0.03 * np.trace(scattered))
    error = np.sqrt(2 * np.trace(scattered))
    assert abs(mean.iq["1"].mean[0] - every.iq["1"].mean[0]) < 4 * error


def test_a_second_readout_finds_what_the_first_has_found(jakarta: ChipTruth) -> None:
    laboratory = opened(jakarta)
    once = program(laboratory, "1")
    (first,) = once.readouts
    twice = Program(once.plays, (first, replace(first, start_ns=first.start_ns + 8000.0)))
    (answer,) = laboratory.play([twice], replace(MANY, count=20_000, keep="each"))
    landed = signal(jakarta, laboratory, answer, "1") > 0.5
    # Of the shots in |1>, 6 % relax within 8 us; readout errors of the table are a few percent.
    assert landed[landed[:, 0], 1].mean() > 0.8
    assert landed[~landed[:, 0], 1].mean() < 0.1


def test_every_program_takes_its_real_time_on_all_its_qubits(jakarta: ChipTruth) -> None:
    laboratory = opened(jakarta)
    shots = Shots(count=1000, reset="passive", interval_us=100.0)
    played = program(laboratory, "0", "4", wait_ns=5000.0)
    answers = laboratory.play([played, played], shots)
    each_s = 1000 * (played.length_ns * 1e-3 + 100.0) * 1e-6
    began_s = [answer.began_s or 0.0 for answer in answers]
    assert began_s[1] - began_s[0] == pytest.approx(each_s + began_s[0] + 0.1)
    assert laboratory.clock.now_s("0") == laboratory.clock.now_s("4") == pytest.approx(2 * each_s + 0.1)
    assert laboratory.clock.now_s("1") == 0.0


def test_more_than_three_coupled_qubits_fail_and_others_do_not(jakarta: ChipTruth) -> None:
    laboratory = opened(jakarta)
    (answer,) = laboratory.play([program(laboratory, "0", "1", "2", "3", "6")], MANY)
    assert set(answer.failed) == {"0", "1", "2", "3"}
    assert "at most 3 together" in answer.failed["0"]
    assert set(answer.iq) == {"6"}


@each_case(
    ("change", "message"),
    [
        ({"start_ns": 0.4}, "start of 0.4 ns is not on the grid"),
        ({"waveform": Waveform("square", 10.5)}, "length of 10.5 ns is not on the grid"),
        ({"waveform": Waveform("square", 2.0)}, "plays pulses of 4 to"),
        ({"amplitude": 1.2}, "plays at most 1"),
        ({"frequency_ghz": 0.1}, "plays 0.5 to 20"),
        ({"toward": "6"}, "not coupled"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_a_line_cannot_play_fails_its_qubit_alone(
    jakarta: ChipTruth, change: dict[str, Any], message: str
) -> None:
    laboratory = opened(jakarta)
    line = LineLimits(shortest_ns=4.0, shortest_gap_ns=16.0)
    laboratory.limits = replace(laboratory.limits, usual_line=line)
    right = program(laboratory, "1", "6")
    ((at, play),) = ((at, one) for at, one in enumerate(right.plays) if one.line == "1")
    wrong = replace(right, plays=(*right.plays[:at], replace(play, **change), *right.plays[at + 1 :]))
    answer, failing = laboratory.play([right, wrong], MANY)
    assert (set(answer.iq), dict(answer.failed)) == ({"1", "6"}, {})
    assert set(failing.iq) == {"6"}
    assert re.search(message, failing.failed["1"])
    assert abs(signal(jakarta, laboratory, failing, "6")[0] - 0.5) < 0.1


def test_a_line_that_is_not_there_is_refused(jakarta: ChipTruth) -> None:
    laboratory = opened(jakarta)
    right = program(laboratory, "1")
    wrong = replace(right, plays=(replace(right.plays[0], line="9"),))
    with pytest.raises(InvalidInputError, match="no qubit or line"):
        laboratory.play([right, wrong], MANY)
    assert laboratory.lab_seconds == 0.0


def test_a_tone_that_cannot_be_played_fails_both_its_qubits(jakarta: ChipTruth) -> None:
    laboratory = opened(jakarta)
    right = program(laboratory, "1", "3", "6")
    tone = replace(right.plays[0], line="1", start_ns=0.0, toward="3", amplitude=1.2)
    (answer,) = laboratory.play([replace(right, plays=(tone,))], MANY)
    assert set(answer.failed) == {"1", "3"}
    assert set(answer.iq) == {"6"}


def test_a_program_of_which_nothing_can_be_played_fails_and_takes_no_time(jakarta: ChipTruth) -> None:
    laboratory = opened(jakarta)
    (readout,) = program(laboratory, "1").readouts
    (answer,) = laboratory.play([Program((), (replace(readout, frequency_ghz=0.1),))], MANY)
    assert "plays 1 to 20" in answer.failed["1"]
    assert (dict(answer.iq), answer.began_s, laboratory.lab_seconds) == ({}, None, 0.0)


def test_a_readout_without_amplitude_gives_noise_alone(jakarta: ChipTruth) -> None:
    laboratory = opened(jakarta)
    whole = program(laboratory, "1", pulses=2)
    (answer,) = laboratory.play([replace(whole, readouts=(replace(whole.readouts[0], amplitude=0.0),))], MANY)
    covariance = answer.iq["1"].covariance
    assert covariance is not None
    assert abs(answer.iq["1"].mean[0]) < 5 * np.sqrt(np.trace(covariance[0]))


def test_a_qubit_is_read_no_oftener_than_the_limits_say(jakarta: ChipTruth) -> None:
    laboratory = opened(jakarta)
    laboratory.limits = replace(laboratory.limits, readout=ReadoutLimits(readouts_a_program=1))
    once = program(laboratory, "1", "6")
    again = replace(once.readouts[0], start_ns=once.readouts[0].end_ns)
    (answer,) = laboratory.play([replace(once, readouts=(*once.readouts, again))], MANY)
    assert "2 readouts of qubit 1 in one program: this laboratory takes at most 1" in answer.failed["1"]
    assert set(answer.iq) == {"6"}


def test_a_readout_does_not_follow_on_a_pulse_sooner_than_the_limits_say(jakarta: ChipTruth) -> None:
    laboratory = opened(jakarta)
    before = program(laboratory, "1", "6")
    laboratory.limits = replace(laboratory.limits, readout=ReadoutLimits(guard_ns=128.0))
    (answer,) = laboratory.play([before], MANY)
    assert "at least 128\N{NO-BREAK SPACE}ns must be free before it" in answer.failed["1"]
    (answer,) = laboratory.play([program(laboratory, "1", "6")], MANY)
    assert not answer.failed


def test_pulses_of_one_line_neither_overlap_nor_follow_too_closely(jakarta: ChipTruth) -> None:
    laboratory = opened(jakarta)
    laboratory.limits = replace(laboratory.limits, usual_line=LineLimits(shortest_gap_ns=16.0))
    right = program(laboratory, "1")
    for start_ns in (20.0, 40.0):
        wrong = replace(right, plays=(*right.plays, replace(right.plays[0], start_ns=start_ns)))
        (answer,) = laboratory.play([wrong], MANY)
        assert "neither 0 nor at least 16 ns" in answer.failed["1"]


def test_a_generator_has_one_frequency_in_a_call_where_none_changes(jakarta: ChipTruth) -> None:
    laboratory = opened(jakarta)
    laboratory.limits = replace(laboratory.limits, frequencies_change=False)
    one = program(laboratory, "1")
    other = replace(one, plays=(replace(one.plays[0], frequency_ghz=5.0),))
    laboratory.play([one, one], MANY)
    laboratory.play([other], MANY)
    with pytest.raises(InvalidInputError, match="of one generator of 1 in one call"):
        laboratory.play([one, other], MANY)


def test_sessions_of_one_number_are_alike(jakarta: ChipTruth) -> None:
    lengths = RandomSequences(np.array([1.0, 20.0, 40.0]))
    one, same = (asked(opened(jakarta), {"1": lengths}, MANY)["1"].iq for _ in range(2))
    np.testing.assert_array_equal(one, same)


def test_who_keeps_means_only_does_not_know_their_noise(jakarta: ChipTruth) -> None:
    laboratory = opened(jakarta, keeps="mean")
    (answer,) = laboratory.play([program(laboratory, "1")], MANY)
    assert answer.iq["1"].covariance is None
    with pytest.raises(InvalidInputError, match="keep 'each'"):
        laboratory.play([program(laboratory, "1")], replace(MANY, keep="each"))


def test_spectroscopy_shows_the_line_of_a_neighbour(jakarta: ChipTruth) -> None:
    laboratory = opened(jakarta)
    neighbour = jakarta.qubits["0"].frequency_ghz
    scan = QubitScan(np.array([neighbour - 0.02, neighbour]), amplitude=0.05)
    trace = asked(laboratory, {"1": scan}, MANY)["1"]
    settings, qubit = laboratory.settings["1"], jakarta.qubits["1"]
    where = make_clouds(
        qubit, frequency_ghz=settings.readout_frequency_ghz, amplitude=settings.readout_amplitude
    )
    shown = ((trace.iq[1] - trace.iq[0]) / where.difference).real
    # Saturated: half the signal of full excitation.
    assert shown == pytest.approx(qubit.crosstalk["0"][1] / 2, rel=0.15)


OFF_MHZ = 1.5
MIRRORS = [{"phase_mirrored": True}, {"envelope_mirrored": True}, {"left_pad": 40.0}]


def fringe(laboratory: PulseTwin | TwinLaboratory) -> np.ndarray:
    delays = Ramsey(np.arange(0.0, 3.0, 0.05), detuning_mhz=2.0)
    return np.asarray(asked(laboratory, {"1": delays}, MANY)["1"].iq)


def drag(laboratory: PulseTwin | TwinLaboratory) -> np.ndarray:
    pulse = laboratory.settings["1"].x180
    scan = DragScan(np.linspace(-1.0, 1.5, 6), pulse, pairs=4)
    return np.asarray(asked(laboratory, {"1": scan}, MANY)["1"].iq)


def off(laboratory: PulseTwin) -> PulseTwin:
    frequency = laboratory.settings["1"].drive_frequency_ghz + OFF_MHZ * 1e-3
    laboratory.adjust("1", {"drive_frequency_ghz": frequency})
    return laboratory


@each_case("options", MIRRORS, ids=lambda options: next(iter(options)))
@each_case("measure", [fringe, drag])
def test_an_instrument_that_mirrors_or_delays_is_none_the_worse_when_that_is_known(
    jakarta: ChipTruth, options: dict[str, Any], measure: Any
) -> None:
    right, odd = (measure(off(opened(jakarta, **some))) for some in ({}, options))
    separation = abs(np.ptp(right.real)) + abs(np.ptp(right.imag))
    np.testing.assert_allclose(odd, right, atol=0.02 * separation)


@pytest.mark.parametrize(("option", "measure"), [("phase_mirrored", fringe), ("envelope_mirrored", drag)])
def test_an_instrument_that_mirrors_unbeknown_spoils_what_hangs_on_the_sign(
    jakarta: ChipTruth, option: str, measure: Any
) -> None:
    right, odd = (
        measure(off(opened(jakarta, **some))) for some in ({}, {option: True, "signs_unknown": True})
    )
    assert np.abs(odd - right).max() > 0.2 * np.abs(right - right.mean()).max()


@each_case("option", ["left_pad", "envelope_mirrored", "phase_mirrored", "signs_unknown"])
def test_an_option_of_pulses_is_refused_where_none_are_played(option: str) -> None:
    with pytest.raises(InvalidInputError, match="this option requires --pulse-level"):
        TwinOptions.parse({option: 1})
    assert getattr(TwinOptions.parse({option: 1, "pulse-level": True}), option) == 1


def test_a_twin_opens_the_laboratory_that_it_was_made_for(tmp_path: Path) -> None:
    table = load_device("jakarta")
    usual, pulses = (
        create_twin(tmp_path / str(pulse_level), table, 1, {"pulse_level": pulse_level}).open()
        for pulse_level in (False, True)
    )
    assert isinstance(usual, TwinLaboratory)
    assert isinstance(pulses, PulseTwin)
    assert pulses.requests == usual.requests
