"""Single qubit solved pulse by pulse: agreement with the closed forms of the twin, and with fine integration.

Closed forms of pulses omit terms of third order in the drive, 1e-4 of the angle (`physics.drive`): programs
of a few pulses agree to 2e-4, trains to the accumulated difference. Closed forms of idling omit slow noise
during pulses, so they are compared without it, and with it if idling is long against pulses.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_analysis.cliffords.one_qubit import Sequences
from qdash_core.errors import InvalidInputError
from qdash_fake import programs
from qdash_fake.physics.benchmarking import PlayedSequences as Played
from qdash_fake.physics.benchmarking import compute_excited_at_end
from qdash_fake.physics.levels import superoperator
from qdash_fake.physics.mismatch import Mismatch
from qdash_fake.pulse_level.channels import DrivenQubit, compute_pulse_channels
from qdash_fake.pulse_level.one_qubit import compute_final_state
from qdash_fake.pulse_level.waves import make_wave
from qdash_tasks.laboratory.program import Play, Waveform

from ...case_tables import each_case
from .one_qubit_twin import LENGTH_NS, OneQubit, one_qubit

if TYPE_CHECKING:
    from qdash_fake.physics.chip import ChipTruth

CLOSE, TRAIN = 2e-4, 1.5e-3
OFFSETS_MHZ = (0.0, 0.7, -2.0)


@pytest.fixture(scope="module", params=OFFSETS_MHZ, ids="{:+g} MHz".format)
def at(request: pytest.FixtureRequest, jakarta: ChipTruth) -> OneQubit:
    """A qubit without slow noise, as a function of the detuning of its generator."""
    return one_qubit(jakarta, off_mhz=request.param)


def ramsey(at: OneQubit, delays_us: np.ndarray, artificial_mhz: float) -> np.ndarray:
    found = []
    for delay_us in delays_us:
        line = at.timeline()
        line.pulse("1", at.settings.x90)
        played_ns = line.wait("1", 1e3 * delay_us)
        line.pulse("1", at.settings.x90, phase_rad=2e-3 * np.pi * artificial_mhz * played_ns)
        found.append(at.excited(line))
    return np.array(found).T


def test_a_pi_pulse_flips_as_in_closed_form(at: OneQubit) -> None:
    line = at.timeline()
    line.pulse("1", at.settings.x180)
    np.testing.assert_allclose(at.excited(line), 1 - at.closed.prepare_excited("1")[:, 0], atol=CLOSE)


def test_rectangular_pulses_turn_as_in_closed_form(at: OneQubit) -> None:
    durations_ns = np.arange(0.0, 400.0, 37.0)
    found = []
    for duration_ns in durations_ns:
        line = at.timeline()
        if duration_ns:
            line.play("1", Waveform("square", duration_ns), 0.1)
        found.append(at.excited(line))
    expected = programs.rabi(at.closed, "1", durations_ns, amplitude=0.1)
    np.testing.assert_allclose(np.array(found).T, expected[:2], atol=CLOSE)


@each_case("artificial_mhz", [1.0, -1.0])
def test_a_fringe_is_that_of_the_closed_form_whatever_the_sign_of_the_detuning(
    at: OneQubit, artificial_mhz: float
) -> None:
    delays_us = np.arange(0.0, 20.0, 0.7)
    expected = programs.ramsey(at.closed, "1", delays_us, artificial_mhz=artificial_mhz, splittings_mhz=())
    np.testing.assert_allclose(ramsey(at, delays_us, artificial_mhz), expected[:2], atol=CLOSE)


def test_an_echo_is_that_of_the_closed_form(at: OneQubit) -> None:
    delays_us = np.arange(0.0, 60.0, 6.0)
    found = []
    for index, delay_us in enumerate(delays_us):
        line = at.timeline()
        for pulse, phase_rad, wait_us in (
            (at.settings.x90, 0.0, delay_us / 2),
            (at.settings.x180, np.pi * (index % 2), delay_us / 2),
            (at.settings.x90, 0.0, 0.0),
        ):
            line.pulse("1", pulse, phase_rad=phase_rad)
            line.wait("1", 1e3 * wait_us)
        found.append(at.excited(line))
    expected = programs.t2_echo(at.closed, "1", delays_us, splittings_mhz=())
    np.testing.assert_allclose(np.array(found).T, expected[:2], atol=CLOSE)


def test_relaxation_is_that_of_the_closed_form(at: OneQubit) -> None:
    delays_us = np.arange(0.0, 400.0, 50.0)
    found = []
    for delay_us in delays_us:
        line = at.timeline()
        line.pulse("1", at.settings.x180)
        line.wait("1", 1e3 * delay_us)
        found.append(at.excited(line))
    expected = programs.t1(at.closed, "1", delays_us)
    np.testing.assert_allclose(np.array(found).T, expected[:2], atol=CLOSE)


def test_opposite_pulses_undo_each_other_at_the_drag_coefficient_of_the_closed_form(at: OneQubit) -> None:
    betas_ns = np.linspace(-1.0, 1.5, 6)
    found = []
    for beta_ns in betas_ns:
        line, pulse = at.timeline(), replace(at.settings.x180, beta_ns=beta_ns)
        for _ in range(4):
            line.pulse("1", pulse)
            line.pulse("1", pulse, phase_rad=np.pi)
        found.append(at.excited(line))
    expected = programs.drag(at.closed, "1", betas_ns, pulse=at.settings.x180, repetitions=4)
    np.testing.assert_allclose(np.array(found).T, expected[:2], atol=TRAIN)


def test_two_hundred_cliffords_end_as_in_closed_form(jakarta: ChipTruth) -> None:
    at = one_qubit(jakarta)
    drawn = Sequences.random(np.full(2, 200), interleaved="X180", rng=np.random.default_rng(1))
    (expected,) = compute_excited_at_end(
        [Played(drawn, at.closed.channel("1", at.settings.x90), at.closed.channel("1", at.settings.x180))]
    )
    ends = np.cumsum(drawn.counts)
    for start, end, by_start in zip(ends - drawn.counts, ends, expected.T, strict=True):
        line = at.timeline()
        for index in range(start, end):
            line.turn("1", np.pi / 2 * int(drawn.turns[index]))
            line.pulse("1", at.settings.x180 if drawn.is_x180[index] else at.settings.x90)
        np.testing.assert_allclose(at.excited(line), by_start, atol=TRAIN)


def test_slow_noise_and_charge_parity_blur_a_fringe_as_the_closed_form_says(jakarta: ChipTruth) -> None:
    coherence = replace(jakarta.qubits["1"].coherence, jitter_mhz=0.01, mismatch=Mismatch(parity_mhz=0.02))
    at = one_qubit(jakarta, coherence=coherence, mismatch=coherence.mismatch)
    delays_us = np.arange(5.0, 40.0, 2.3)
    expected = programs.ramsey(at.closed, "1", delays_us, artificial_mhz=1.0, splittings_mhz=())
    # Half a pulse at each end blurs, too: (2 pi s)^2 t 46 ns, 1e-3 at 5 us.
    np.testing.assert_allclose(ramsey(at, delays_us, 1.0), expected[:2], atol=2e-3)


def test_quasiparticles_relax_as_the_closed_form_says(jakarta: ChipTruth) -> None:
    mismatch = Mismatch(quasiparticles=0.3, quasiparticle_share=0.25)
    coherence = replace(jakarta.qubits["1"].coherence, mismatch=mismatch)
    at = one_qubit(jakarta, coherence=coherence, mismatch=mismatch)
    times_us = np.array([10.0, 60.0, 134.6, 300.0])
    found = [1 - compute_final_state(at.qubit, [], [1e3 * time_us])[0, 1, 0] for time_us in times_us]
    thermal = at.qubit.thermal_population
    expected = thermal + (1 - thermal) * coherence.relaxation(times_us)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@each_case(
    ("shape", "rabi_mhz", "detuning_mhz"),
    [
        (Waveform("cosine", 36.0, beta_ns=0.24), 27.8, 0.0),
        (Waveform("cosine", 20.0, beta_ns=0.5), 50.0, 1.0),
        (Waveform("cosine", 120.0), 5.0, -300.0),
        (Waveform("flat_top", 120.0, edge_ns=28.0, beta_ns=0.1), 15.0, 3.0),
        (Waveform("square", 60.0), 15.0, 20.0),
    ],
)
def test_a_pulse_of_any_shape_is_right_to_a_hundred_thousandth(
    jakarta: ChipTruth, shape: Waveform, rabi_mhz: float, detuning_mhz: float
) -> None:
    levels = jakarta.qubits["1"].levels
    found = compute_pulse_channels(
        DrivenQubit(levels, 0.0, 0.0, Mismatch()), shape, rabi_mhz, detuning_mhz, (0.0,)
    )[0]
    coarse, fine = (_finely(jakarta, shape, rabi_mhz, detuning_mhz, slices=slices) for slices in (3000, 6000))
    # Both have errors of second order in their slices, which the difference gives (Richardson).
    np.testing.assert_allclose(found, fine + (fine - coarse) / 3, atol=1e-5)


def _finely(
    chip: ChipTruth, shape: Waveform, rabi_mhz: float, detuning_mhz: float, *, slices: int
) -> np.ndarray:
    levels = chip.qubits["1"].levels
    step_us = shape.length_ns * 1e-3 / slices
    raising = np.diag([1.0, np.sqrt(2)], -1)
    wave = rabi_mhz / 2 * shape.at((np.arange(slices) + 0.5) * shape.length_ns / slices)
    driven = wave[:, None, None] * raising
    hamiltonian = np.diag(levels.energies_mhz(detuning_mhz)) + driven + driven.conj().swapaxes(-1, -2)
    energies, states = np.linalg.eigh(hamiltonian)
    phases = np.exp(-2j * np.pi * energies * step_us)[:, None, :]
    decay = levels.decay(step_us)
    steps = decay @ superoperator((states * phases) @ states.conj().swapaxes(-1, -2))
    total = levels.decay(-step_us / 2)
    for step in steps:
        total = step @ total
    return np.asarray(levels.decay(-step_us / 2) @ decay @ total)


def test_a_generator_at_another_frequency_refers_to_the_programs_zero_across_gaps(jakarta: ChipTruth) -> None:
    """The second pulse, 20 MHz higher, is given the accumulated phase of its generator: each gap gives the
    same.
    """
    at = one_qubit(jakarta)
    x90 = at.settings.x90
    shape = Waveform("cosine", LENGTH_NS, beta_ns=x90.beta_ns)
    found = []
    for gap_ns in (0.0, 12.0, 37.0, 250.0):
        start_ns = LENGTH_NS + gap_ns
        play = Play(
            line="1",
            start_ns=start_ns,
            waveform=shape,
            amplitude=x90.amplitude,
            frequency_ghz=at.qubit.frequency_ghz + 0.02,
            phase_rad=2 * np.pi * 0.02 * (start_ns + LENGTH_NS / 2),
        )
        first = replace(play, start_ns=0.0, frequency_ghz=at.qubit.frequency_ghz, phase_rad=0.0)
        found.append(at.excited_by((first, play), start_ns + LENGTH_NS)[0])
    # Within 250 ns decoherence removes 0.5 (250 ns / T2) of the transverse part.
    np.testing.assert_allclose(found, found[0], atol=0.5 * 0.25 / at.qubit.levels.t2_us)


def test_a_sideband_brings_a_generator_back_to_the_qubit(jakarta: ChipTruth) -> None:
    at = one_qubit(jakarta)
    plain = Play(
        line="1",
        start_ns=100.0,
        waveform=Waveform("cosine", 200.0),
        amplitude=0.02,
        frequency_ghz=at.qubit.frequency_ghz,
    )
    moved = replace(
        plain, waveform=replace(plain.waveform, sideband_ghz=-0.02), frequency_ghz=plain.frequency_ghz + 0.02
    )
    wrong = replace(moved, waveform=moved.waveform.mirrored())
    right, by_sideband, mirrored = (at.excited_by((play,), 300.0)[0] for play in (plain, moved, wrong))
    assert by_sideband == pytest.approx(right, abs=1e-9)
    assert mirrored < 0.02 < right


def test_pulses_that_overlap_add_up(jakarta: ChipTruth) -> None:
    at = one_qubit(jakarta)
    whole = Play(
        line="1",
        start_ns=10.0,
        waveform=Waveform("flat_top", 60.0, edge_ns=20.0),
        amplitude=0.05,
        frequency_ghz=at.qubit.frequency_ghz + 1e-3,
    )
    half = replace(whole, amplitude=0.025)
    # Spread and hidden error of the drive, 1e-4, apply to single pulses.
    np.testing.assert_allclose(at.excited_by((half, half), 80.0), at.excited_by((whole,), 80.0), atol=2e-4)


def test_a_pulse_that_is_not_over_when_its_qubit_is_read_is_refused(jakarta: ChipTruth) -> None:
    at = one_qubit(jakarta)
    wave = make_wave(
        Play(line="1", start_ns=0.0, waveform=Waveform("square", 50.0), amplitude=0.1, frequency_ghz=5.0), 1.0
    )
    with pytest.raises(InvalidInputError, match="read at 40 ns, while a pulse on it lasts until 50 ns"):
        compute_final_state(at.qubit, [wave], [40.0])
