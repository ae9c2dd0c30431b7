"""Coupled qubits driven together: comparison with fine integration and with the twin's closed forms."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_analysis.cliffords import PairSequences
from qdash_analysis.cliffords.one_qubit import Sequences, ends_in_one
from qdash_core.errors import InvalidInputError
from qdash_fake import pair_programs
from qdash_fake.physics.benchmarking import PlayedSequences as Benchmarked
from qdash_fake.physics.benchmarking import compute_excited_at_end
from qdash_fake.physics.chip import ChipTruth, CouplingTruth
from qdash_fake.physics.gate_quality import gate_fidelity
from qdash_fake.physics.gate_search import GateSearch
from qdash_fake.physics.pair_benchmarking import compute_benchmarking_populations
from qdash_fake.physics.rabi import rabi_populations
from qdash_fake.physics.simultaneous import compute_channel, list_busy_neighbours
from qdash_fake.pulse_level.circuit import Circuit
from qdash_fake.pulse_level.gate_error import compute_zx90_fidelity
from qdash_fake.pulse_level.several_qubits import solve_together
from qdash_tasks.laboratory.limits import Limits
from qdash_tasks.laboratory.program import Play, Waveform
from qdash_tasks.laboratory.pulses import CrossResonanceTone
from qdash_tasks.laboratory.timeline import Timeline

from ...case_tables import each_case
from ..good_gates import TURNS
from ..two_qubits import pair_at
from .fine_integration import FinePair
from .played_pairs import PlayedPair, calibrated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.pair import Pair
    from qdash_tasks.laboratory.pulses import ZX90

    Floats = NDArray[np.float64]

TONE = CrossResonanceTone(0.15, 0.4, cancel_amplitude=0.01, cancel_phase_rad=1.0, rotary_amplitude=0.02)


def usual(detuning_mhz: float = 120.0, **given: float) -> Pair:
    """Return a pair with little leakage of the control."""
    return pair_at(
        detuning_mhz,
        **{"t1_us": 60.0, "t2_us": 50.0, "crosstalk": 0.03, "line_phase_rad": 0.7, "extra_rate": 0.002}
        | given,
    )


def with_jitter(pair: Pair, jitter_mhz: float, **mismatch: float) -> Pair:
    """Return a pair of qubits whose detunings vary between shots."""
    both = []
    for qubit in (pair.control, pair.target):
        departing = replace(qubit.mismatch, **mismatch)
        coherence = replace(qubit.coherence, jitter_mhz=jitter_mhz, mismatch=departing)
        both.append(replace(qubit, coherence=coherence, mismatch=departing))
    return replace(pair, control=both[0], target=both[1])


def steady(pair: Pair) -> Pair:
    return with_jitter(pair, 0.0)


def whole_ns(pair: Pair, *, share: float = 0.3) -> ZX90:
    """Return a fair gate at a fraction of the strongest drive; at a weak one, edges do not flip the control."""
    search = GateSearch(pair)
    gate = search.make_gate(search.screen([share], np.array(TURNS))[0])
    return replace(gate, tone_ns=float(math.ceil(gate.tone_ns)))


def of_target(reached: Floats) -> Floats:
    return reached[..., 1] + reached[..., 3]


# Against the master equation in bare states, integrated step by step.


@pytest.mark.slow
def test_pulses_of_both_qubits_at_once_are_the_solution_of_the_master_equation() -> None:
    pair = steady(usual(80.0, t1_us=25.0, t2_us=20.0, extra_rate=0.0))
    plays = [
        Play(
            line="0",
            start_ns=0.0,
            waveform=Waveform("cosine", 36.0, beta_ns=0.3),
            amplitude=0.07,
            frequency_ghz=5.0803,
            phase_rad=0.4,
        ),
        Play(
            line="1",
            start_ns=9.0,
            waveform=Waveform("cosine", 30.0),
            amplitude=0.1,
            frequency_ghz=5.0,
            phase_rad=-1.1,
        ),
        Play(line="1", start_ns=47.0, waveform=Waveform("square", 20.0), amplitude=0.04, frequency_ghz=4.99),
    ]
    found = solve_together(PlayedPair(pair).chip, ("0", "1"), plays, {"0": 70.0, "1": 70.0})
    np.testing.assert_allclose(found, FinePair(pair, 3).populations(plays, 70.0), atol=1e-4)


def test_a_slice_that_was_used_often_does_what_it_did_at_first() -> None:
    """The slice is then cached as one matrix, simultaneous pulses of both qubits as a Fourier series over
    their phases.
    """
    chip = PlayedPair(usual(80.0)).chip
    pulse = Play(
        line="0",
        start_ns=0.0,
        waveform=Waveform("cosine", 36.0, beta_ns=0.3),
        amplitude=0.07,
        frequency_ghz=5.08,
        phase_rad=0.4,
    )
    beside = replace(pulse, line="1", frequency_ghz=5.0, phase_rad=-1.1)
    tone = replace(
        pulse,
        start_ns=40.0,
        waveform=Waveform("flat_top", 120.0, edge_ns=28.0),
        frequency_ghz=5.0,
        toward="1",
    )
    until_ns = {"0": 170.0, "1": 170.0}
    found = [solve_together(chip, ("0", "1"), [pulse, beside, tone], until_ns) for _ in range(60)]
    np.testing.assert_allclose(found[-1], found[0], atol=1e-9)


@pytest.mark.slow
def test_a_tone_between_pulses_is_the_solution_of_the_master_equation() -> None:
    played = PlayedPair(steady(usual(t1_us=25.0, t2_us=20.0, extra_rate=0.0)), (0.2, -0.3))
    timeline = played.timeline()
    timeline.pulse("0", timeline.settings["0"].x90)
    timeline.tone("0", "1", TONE, 71.0)
    timeline.pulse("1", timeline.settings["1"].x90, phase_rad=0.3)
    program = timeline.read("0", "1")
    until_ns = program.readouts[0].start_ns
    found = solve_together(played.chip, ("0", "1"), program.plays, {"0": until_ns, "1": until_ns})
    np.testing.assert_allclose(
        found, FinePair(played.pair, 4).populations(program.plays, until_ns), atol=1e-4
    )


def test_a_long_wait_is_as_many_short_ones() -> None:
    played = PlayedPair(steady(usual(t1_us=20.0, t2_us=15.0)))

    def reached(pieces: int) -> Floats:
        timeline = played.timeline()
        for qid in ("0", "1"):
            timeline.pulse(qid, timeline.settings[qid].x90)
        plays = timeline.read("0", "1").plays
        # Pulses of no amplitude divide a wait.
        silent = [
            replace(
                plays[0], start_ns=100.0 + 10.0 * number, waveform=Waveform("square", 10.0), amplitude=0.0
            )
            for number in range(pieces)
        ]
        last = [replace(play, start_ns=4100.0, phase_rad=0.6) for play in plays]
        return solve_together(played.chip, ("0", "1"), [*plays, *silent, *last], {"0": 4200.0, "1": 4200.0})

    np.testing.assert_allclose(reached(0), reached(400), atol=2e-5)


# Against the twin's closed forms.


@pytest.mark.parametrize("above_mhz", [0.0, 15.0])
def test_long_pulses_blur_by_the_spread_of_their_amplitude(above_mhz: float) -> None:
    pair = pair_at(120.0, exchange_mhz=0.01, t1_us=60.0, t2_us=50.0)
    target = replace(pair.target, drive=replace(pair.target.drive, amplitude_spread=0.005))
    lengths_ns = np.array([60.0, 500.0, 2000.0])
    expected, _ = rabi_populations(
        lengths_ns * 1e-3, drive=target.drive, amplitude=0.05, detuning_mhz=-above_mhz, levels=target.levels
    )
    chip = PlayedPair(replace(pair, target=target)).chip
    for length_ns, excited in zip(lengths_ns.tolist(), expected, strict=True):
        play = Play(
            line="1",
            start_ns=0.0,
            waveform=Waveform("square", length_ns),
            amplitude=0.05,
            frequency_ghz=target.frequency_ghz + above_mhz * 1e-3,
        )
        reached = solve_together(chip, ("0", "1"), [play], {"0": length_ns, "1": length_ns})
        assert of_target(reached)[0] == pytest.approx(excited, abs=1e-3)


def test_a_tone_turns_the_target_as_the_closed_form_says() -> None:
    played, durations = PlayedPair(usual()), np.array([24.0, 56.0, 130.0, 400.0, 900.0])
    expected = pair_programs.cross_resonance(played.opened, durations, tone=TONE).reached
    # Closed forms ignore the effect of a pulse on the other qubit, J/detuning times crosstalk.
    np.testing.assert_allclose(played.cross_resonance(TONE, durations), expected, atol=2e-3)


@each_case("control_state", [0, 1])
@each_case("superposition", [False, True])
def test_a_train_of_gates_ends_as_the_closed_form_says(control_state: int, superposition: bool) -> None:
    played = PlayedPair(usual())
    gate = whole_ns(played.pair)
    counts = np.array([0.0, 1.0, 2.0, 5.0])
    expected = pair_programs.gate_train(
        played.opened,
        counts,
        gate=gate,
        control_state=control_state,
        start="superposition" if superposition else "ground",
    ).reached
    found = [
        played.gate_train(gate, int(count), control_state=control_state, superposition=superposition)
        for count in counts
    ]
    np.testing.assert_allclose(of_target(np.stack(found)), of_target(expected), atol=3e-3)


@pytest.mark.parametrize("control_state", [0, 1])
def test_a_conditional_ramsey_sequence_shows_the_static_zz_and_slow_detunings(control_state: int) -> None:
    played = PlayedPair(with_jitter(usual(), 0.02, parity_mhz=0.01), (0.0, 0.1))
    delays = np.array([0.0, 1.0, 3.0, 7.0, 15.0, 30.0])
    expected = pair_programs.conditional_ramsey(
        played.opened, delays, control_state=control_state, artificial_mhz=0.4
    ).reached
    found = [played.conditional_ramsey(1e3 * delay, control_state, 0.4) for delay in delays]
    np.testing.assert_allclose(of_target(np.stack(found)), of_target(expected), atol=2e-3)


@each_case("bases", ["XX", "YY", "ZZ"])
def test_a_bell_state_has_the_correlations_of_the_closed_form(bases: str) -> None:
    played = PlayedPair(usual())
    gate = whole_ns(played.pair)
    expected = pair_programs.prepare_states(played.opened, "bell", bases=bases, gate=gate).reached[0]
    np.testing.assert_allclose(played.bell(gate, bases), expected, atol=4e-3)


def test_the_fidelity_of_a_gate_is_that_of_the_closed_form() -> None:
    played = PlayedPair(usual())
    gate = whole_ns(played.pair)
    found = compute_zx90_fidelity(played.chip, played.qids, played.settings, gate)
    assert found == pytest.approx(gate_fidelity(played.opened.make_step(gate).channel), abs=1e-4)


def test_a_gate_on_close_qubits_is_worse_than_the_closed_form_says() -> None:
    # The X180 of the control, 50 MHz away and with a large exchange, takes the target along. What strong tones leave of flips
    # of the control does not cancel in every echo, either.
    played = PlayedPair(usual(48.0, exchange_mhz=3.2))
    gate = whole_ns(played.pair, share=0.9)
    found = compute_zx90_fidelity(played.chip, played.qids, played.settings, gate)
    assert found < gate_fidelity(played.opened.make_step(gate).channel) - 2e-3


# Variation between shots.


def test_an_echo_undoes_detunings_that_stay_within_a_shot_and_a_ramsey_sequence_does_not() -> None:
    pair = with_jitter(pair_at(120.0, exchange_mhz=0.01), 0.05)
    played = PlayedPair(pair)

    def ground(*, echoed: bool) -> float:
        timeline = played.timeline()
        for qid in ("0", "1"):
            timeline.pulse(qid, timeline.settings[qid].x90)
            for half in (0, 1):
                timeline.wait(qid, 5_000.0)
                if echoed and not half:
                    timeline.pulse(qid, timeline.settings[qid].x180)
            timeline.pulse(qid, timeline.settings[qid].x90, phase_rad=0.0 if echoed else math.pi)
        return float(played.reached(timeline)[0, 0])

    kept = math.exp(-((2 * math.pi * 0.05 * 10.0) ** 2) / 2)
    assert ground(echoed=True) == pytest.approx(1.0, abs=2e-3)
    assert ground(echoed=False) == pytest.approx((1 + kept) ** 2 / 4, abs=2e-3)


# Three qubits.


def three(exchange_mhz: float = 2.0) -> ChipTruth:
    """Return a chain 0-1-2."""
    pair = steady(usual(120.0))
    third = replace(pair.target, qid="2", frequency_ghz=4.9)
    middle = replace(pair.target, crosstalk={"0": (0.03, 0.1), "2": (0.03, 0.1)})
    third = replace(third, crosstalk={"1": (0.03, 0.1)})
    couplings = {
        one + "-" + other: CouplingTruth(one, other, exchange_mhz, 0.0)
        for one, other in (("0", "1"), ("1", "2"))
    }
    return ChipTruth("three", 1, {"0": pair.control, "1": middle, "2": third}, couplings)


def test_each_of_three_qubits_has_its_frequency_when_the_others_are_in_their_ground_states() -> None:
    chip = three(exchange_mhz=6.0)
    dressed = Circuit.from_chip(chip, ("0", "1", "2"), ()).dressed
    single = np.flatnonzero(dressed.numbers.sum(axis=0) == 1)[::-1]
    frequencies = [chip.qubits[qid].frequency_ghz * 1e3 for qid in ("0", "1", "2")]
    np.testing.assert_allclose(dressed.energies_mhz[single], frequencies, atol=1e-5)


def test_a_third_qubit_that_does_nothing_changes_nothing() -> None:
    chip = three()
    # With negligible coupling it is a pair and a single qubit.
    alone = {"0-1": chip.couplings["0-1"], "1-2": replace(chip.couplings["1-2"], exchange_mhz=1e-6)}
    silent = {
        qid: replace(
            qubit, crosstalk={one: had for one, had in qubit.crosstalk.items() if "2" not in (qid, one)}
        )
        for qid, qubit in chip.qubits.items()
    }
    chip = replace(chip, qubits=silent, couplings=alone)
    timeline = Timeline({qid: calibrated(chip.qubits[qid]) for qid in chip.qubits}, Limits())
    for qid in ("0", "1"):
        timeline.pulse(qid, timeline.settings[qid].x90)
    timeline.tone("0", "1", TONE, 60.0)
    plays = timeline.read("0", "1").plays
    two = solve_together(chip, ("0", "1"), plays, {"0": 150.0, "1": 150.0})
    whole = solve_together(chip, ("0", "1", "2"), plays, dict.fromkeys(("0", "1", "2"), 150.0))
    first = whole.reshape(4, 2, 4, 2).sum(axis=-1)[:, 0]
    np.testing.assert_allclose(first, two, atol=1e-6)


def test_a_program_that_is_not_over_at_the_readout_is_refused() -> None:
    played = PlayedPair(usual())
    program = played.timeline(1).read("0", "1")
    with pytest.raises(InvalidInputError, match="read at 10 ns, while a pulse on the line of 0 lasts until"):
        solve_together(played.chip, ("0", "1"), program.plays, {"0": 10.0, "1": 10.0})


# Random sequences.


@pytest.mark.slow
def test_two_qubit_benchmarking_decays_as_the_closed_form_says() -> None:
    played = PlayedPair(usual())
    gate = whole_ns(played.pair)
    sequences = PairSequences.random(
        np.repeat([2, 8, 20], 12), interleaved=False, rng=np.random.default_rng(3)
    )
    expected, _ = compute_benchmarking_populations(
        sequences, played.opened.pulses, played.opened.make_step(gate)
    )
    difference = played.benchmarking(sequences, gate) - expected
    # Each sequence accumulates the small rotations missing in the closed form differently; benchmarking sees their mean.
    assert np.abs(difference).max() < 0.05
    np.testing.assert_allclose(difference.reshape(3, 12, 4, 4).mean(axis=1), 0.0, atol=0.01)


@pytest.mark.slow
def test_qubits_benchmarked_at_once_decay_as_the_statistical_closed_form_says() -> None:
    pair = steady(usual(180.0, exchange_mhz=3.0))
    played, number, length = PlayedPair(pair), 24, 80
    chip = replace(
        played.chip,
        couplings={"0-1": replace(pair.coupling, static_zz_mhz=pair.transmons.dressed.static_zz_mhz)},
    )
    rng = np.random.default_rng(7)
    sequences = {
        qid: Sequences.random(np.full(number, length), interleaved=None, rng=rng) for qid in played.qids
    }
    settings = played.settings
    ends, place = [], dict.fromkeys(played.qids, 0)
    for index in range(number):
        timeline = played.timeline()
        for qid in played.qids:
            for _ in range(int(sequences[qid].counts[index])):
                timeline.turn(qid, np.pi / 2 * float(sequences[qid].turns[place[qid]]))
                timeline.pulse(qid, settings[qid].x90)
                place[qid] += 1
        ends.append(played.reached(timeline)[0].reshape(2, 2))
    reached = np.stack(ends)
    found = np.stack([reached.sum(axis=2)[:, 1], reached.sum(axis=1)[:, 1]])

    def busy(qid: str) -> Benchmarked:
        others = list_busy_neighbours(
            chip, qid, played.qids, lambda other: (settings[other].x90, settings[other].drive_frequency_ghz)
        )
        drive_ghz = settings[qid].drive_frequency_ghz
        return Benchmarked(
            sequences[qid],
            compute_channel(chip.qubits[qid], settings[qid].x90, drive_ghz=drive_ghz, busy=others),
            None,
        )

    expected = np.stack([ground for ground, _ in compute_excited_at_end([busy(qid) for qid in played.qids])])
    flipped = ends_in_one(number)
    lost, by_closed_form = (np.where(flipped, 1 - one, one).mean(axis=1) for one in (found, expected))
    # The loss is a few percent; sequences with simultaneous pulses scatter about its mean by a fifth.
    np.testing.assert_allclose(lost, by_closed_form, rtol=0.2)
