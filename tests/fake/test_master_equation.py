"""Signals of the twin against an independent solver of the master equation (QuTiP).

The solver integrates the time-dependent Hamiltonian of each pulse and the Lindblad equation between pulses,
with tolerances of 1e-10, so differences are those of the twin's slices and splittings:

- slices of a pulse omit terms of the third order in the drive, 4e-4 rad for a peak of 25 MHz and 40 ns (an element of the
  density matrix changes by half an angle), in proportion to the length and the cube of the peak;
- decay split between four segments: (pi / 4)^2 / 24 = 0.026 of the decay during a pulse, here 40 ns of 5 us or longer;
- coherences with |2> between pulses, and the return from |2>, which sequences omit: the leaked population, 1e-5.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_fake.physics.coherence import Coherence
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.drive import Drive
from qdash_fake.physics.levels import (
    Levels,
    basis_state,
    excited_population,
    populations,
    rotate_channel,
    superoperator,
    transfer_matrix,
)
from qdash_fake.physics.rabi import rabi_populations
from qdash_fake.physics.sequences import echo_populations, ramsey_populations, t1_populations
from qdash_fake.physics.spectroscopy import compute_population, light_shift_mhz, line_shift
from qdash_tasks.laboratory.pulses import Pulse

from ..lazy_modules import LazyModule
from .conftest import make_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Complexes = NDArray[np.complex128]

TOLERANCE = 3e-4
"""Largest difference of an element of a density matrix after one pulse, or of a population: the sum of the
above.
"""

DRIVE = Drive(rabi_per_amplitude_mhz=150.0, amplitude_spread=0.0, extra_error=0.0, faulty=False)
SHORT_LIVED = Levels(anharmonicity_mhz=-330.0, t1_us=5.0, t2_us=4.0, thermal_population=0.03)
USUAL = Levels(anharmonicity_mhz=-310.0, t1_us=120.0, t2_us=90.0, thermal_population=0.01)

X90 = Pulse(12.5 / 150, 40.0)
X180 = Pulse(25.0 / 150, 40.0)
X180_DRAG = Pulse(25.0 / 150, 40.0, 0.25)
SHORT = Pulse(50.0 / 150, 20.0, -0.4)

qutip = LazyModule("qutip")
by_qutip = pytest.mark.slow
"""Mark of tests that import QuTiP, which takes seconds in every test process; `pulse_level` compares the same pulses quickly."""
EXACTLY = {"atol": 1e-10, "rtol": 1e-10, "nsteps": 1_000_000, "progress_bar": ""}


def lower() -> qutip.Qobj:
    """Return the lowering operator of three levels."""
    return qutip.destroy(3)


def undriven(levels: Levels, detuning_mhz: float) -> qutip.Qobj:
    """Return the Hamiltonian in rad/us in the frame of the drive."""
    number = qutip.num(3)
    return 2 * np.pi * (detuning_mhz * number + levels.anharmonicity_mhz / 2 * number * (number - 1))


def jumps(levels: Levels) -> list[qutip.Qobj]:
    """Return the Lindblad operators: two steps down, one up, dephasing by number."""
    thermal = levels.thermal_population
    ket = [qutip.basis(3, level) for level in range(3)]
    pure = 1 / levels.t2_us - 1 / (2 * levels.t1_us)
    return [
        np.sqrt((1 - thermal) / levels.t1_us) * ket[0] * ket[1].dag(),
        np.sqrt(thermal / levels.t1_us) * ket[1] * ket[0].dag(),
        np.sqrt(2 / levels.t1_us) * ket[1] * ket[2].dag(),
        np.sqrt(2 * pure) * qutip.num(3),
    ]


def solved(
    state: Complexes, pulse: Pulse, levels: Levels, detuning_mhz: float, phase_rad: float = 0.0
) -> Complexes:
    """Integrate one raised-cosine pulse with its derivative in quadrature."""
    length_us = pulse.length_ns * 1e-3
    peak = 2 * np.pi * DRIVE.rabi_mhz(pulse.amplitude)
    rotated = lower().dag() * np.exp(1j * phase_rad)
    along, across = (rotated + rotated.dag()) / 2, 1j * (rotated - rotated.dag()) / 2

    def envelope(t: float) -> float:
        return peak * (1 - math.cos(2 * math.pi * t / length_us)) / 2

    def slope(t: float) -> float:
        turn = math.sin(2 * math.pi * t / length_us)
        return peak * pulse.beta_ns * 1e-3 * math.pi / length_us * turn

    hamiltonian = [undriven(levels, detuning_mhz), [along, envelope], [across, slope]]
    end = qutip.mesolve(
        hamiltonian,
        qutip.Qobj(state.reshape(3, 3)),
        [0.0, length_us],
        jumps(levels),
        options={
            "atol": 1e-10,
            "rtol": 1e-10,
            "nsteps": 100_000,
            "max_step": length_us / 50,
            "progress_bar": "",
        },
    ).states[-1]
    return np.asarray(end.full().ravel())


def waited(state: Complexes, time_us: float, levels: Levels, detuning_mhz: float) -> Complexes:
    """Return a state after free evolution."""
    generator = qutip.liouvillian(undriven(levels, detuning_mhz), jumps(levels))
    # QuTiP stacks columns.
    vector = (generator * time_us).expm().full() @ state.reshape(3, 3).T.ravel()
    return np.asarray(vector.reshape(3, 3).T.ravel())


def states() -> list[Complexes]:
    """Return a tomographically complete set of states."""
    kets = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0], [1, 1j, 0], [0, 1, 1], [1, 0, 1j]], dtype=complex)
    return [np.outer(ket, ket.conj()).ravel() / np.vdot(ket, ket).real for ket in kets]


# --- pulses ----------------------------------------------------------------------------------------------------------


PULSES = {"x90": X90, "x180": X180, "drag": X180_DRAG, "short": SHORT}
LEVELS = {"short-lived": SHORT_LIVED, "usual": USUAL}


@by_qutip
@pytest.mark.parametrize(
    ("pulse", "detuning_mhz", "levels"),
    [
        pytest.param(
            PULSES[pulse],
            detuning_mhz,
            LEVELS[levels],
            id=f"{pulse}-{detuning_mhz}-{levels}",
        )
        for pulse in PULSES
        for detuning_mhz in (0.0, 0.4, -30.0)
        for levels in LEVELS
    ],
)
def test_a_pulse_does_what_the_master_equation_says(
    pulse: Pulse, detuning_mhz: float, levels: Levels
) -> None:
    channel = DRIVE.channel(pulse, detuning_mhz=detuning_mhz, levels=levels)
    # The peak of the short pulse is twice as high, its length half.
    tolerance = TOLERANCE * (4 if pulse is SHORT else 1)
    for state in states():
        assert channel @ state == pytest.approx(solved(state, pulse, levels, detuning_mhz), abs=tolerance)


@by_qutip
def test_a_phase_turns_the_axis_of_a_pulse() -> None:
    channel = rotate_channel(DRIVE.channel(X90, detuning_mhz=2.0, levels=USUAL), 0.7)
    for state in states():
        assert channel @ state == pytest.approx(solved(state, X90, USUAL, 2.0, 0.7), abs=TOLERANCE)


@by_qutip
def test_a_train_of_pulses_adds_up_their_errors() -> None:
    channel, state = DRIVE.channel(X90, detuning_mhz=0.3, levels=SHORT_LIVED), basis_state(0)
    found = state
    for count in range(1, 13):
        found, state = channel @ found, solved(state, X90, SHORT_LIVED, 0.3)
        # The slicing error of an X90, an eighth of that of an X180, accumulates.
        assert found == pytest.approx(state, abs=TOLERANCE * (1 + count / 8))


def test_many_pulses_at_once_are_the_single_ones() -> None:
    betas = np.linspace(-1, 1, 5)
    together = DRIVE.channels(X180.amplitude, betas, length_ns=40.0, detuning_mhz=0.5, levels=USUAL)
    for beta, channel in zip(betas, together, strict=True):
        alone = DRIVE.channel(Pulse(X180.amplitude, 40.0, beta), detuning_mhz=0.5, levels=USUAL)
        assert channel == pytest.approx(alone, abs=1e-12)


def test_the_unitary_is_the_channel_without_decay() -> None:
    forever = Levels(anharmonicity_mhz=-330.0, t1_us=1e9, t2_us=1e9, thermal_population=0.0)
    unitary = DRIVE.unitary(X180_DRAG, detuning_mhz=0.5, anharmonicity_mhz=-330.0)
    channel = DRIVE.channel(X180_DRAG, detuning_mhz=0.5, levels=forever)
    assert channel == pytest.approx(superoperator(unitary), abs=1e-9)


def test_drag_of_the_textbook_takes_out_phase_errors_and_leakage() -> None:
    def turned_off_axis(beta_ns: float) -> float:
        unitary = DRIVE.unitary(
            Pulse(X90.amplitude, 40.0, beta_ns), detuning_mhz=0.0, anharmonicity_mhz=-330.0
        )
        return abs(float(np.angle(unitary[0, 0] / unitary[1, 1])))

    def leaked(beta_ns: float) -> float:
        unitary = DRIVE.unitary(
            Pulse(X180.amplitude, 20.0, beta_ns), detuning_mhz=0.0, anharmonicity_mhz=-330.0
        )
        return float(abs(unitary[2, 0]) ** 2 + abs(unitary[2, 1]) ** 2)

    half, whole = 1 / (4 * np.pi * 0.33), 1 / (2 * np.pi * 0.33)
    # Motzoi et al. (2009) to first order in the drive over the anharmonicity, here 4 %.
    assert turned_off_axis(half) < 0.1 * turned_off_axis(0.0)
    assert leaked(whole) < 0.1 * leaked(0.0)


def test_a_spread_of_the_amplitude_is_an_average_over_pulses() -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    for spread, tolerance in ((0.004, 1e-6), (0.3, 1e-6)):
        spread_out = Drive(
            rabi_per_amplitude_mhz=150.0, amplitude_spread=spread, extra_error=0.0, faulty=False
        )
        average = sum(
            weight
            * DRIVE.channel(Pulse(X180.amplitude * (1 + spread * node), 40.0), detuning_mhz=1.0, levels=USUAL)
            for node, weight in zip(nodes, weights / weights.sum(), strict=True)
        )
        assert spread_out.channel(X180, detuning_mhz=1.0, levels=USUAL) == pytest.approx(
            average, abs=tolerance
        )


# --- long pulses -----------------------------------------------------------------------------------------------------


@by_qutip
@pytest.mark.parametrize(
    "levels",
    [
        pytest.param(SHORT_LIVED, id="short-lived"),
        pytest.param(USUAL, id="usual", marks=pytest.mark.slow),
    ],
)
def test_rabi_oscillations_on_and_off_resonance(levels: Levels) -> None:
    durations, detunings = np.linspace(0, 1.0, 21), np.array([0.0, -15.0])
    ground, excited = rabi_populations(
        durations, drive=DRIVE, amplitude=12.5 / 150, detuning_mhz=detunings, levels=levels
    )
    for index, detuning_mhz in enumerate(detunings):
        hamiltonian = undriven(levels, detuning_mhz) + np.pi * 12.5 * (lower() + lower().dag())
        for start, found in enumerate((ground[index], excited[index])):
            steps = qutip.mesolve(
                hamiltonian,
                qutip.basis(3, start),
                durations,
                jumps(levels),
                e_ops=[qutip.fock_dm(3, 0)],
                options=EXACTLY,
            )
            # Both solve the same equation, so the difference is the solver's tolerance of 1e-10 per step, in 1e4 steps.
            assert found == pytest.approx(1 - steps.expect[0], abs=1e-6)


def test_a_spread_of_the_amplitude_blurs_rabi_oscillations() -> None:
    durations, spread = np.linspace(0, 0.8, 33), 0.004
    spread_out = Drive(rabi_per_amplitude_mhz=150.0, amplitude_spread=spread, extra_error=0.0, faulty=False)
    found, _ = rabi_populations(
        durations, drive=spread_out, amplitude=12.5 / 150, detuning_mhz=3.0, levels=USUAL
    )
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    average = sum(
        weight
        * rabi_populations(
            durations, drive=DRIVE, amplitude=12.5 / 150 * (1 + spread * node), detuning_mhz=3.0, levels=USUAL
        )[0]
        for node, weight in zip(nodes, weights / weights.sum(), strict=True)
    )
    # First order in the spread: its square times the curvature of the effective frequency, ten turns long.
    assert found == pytest.approx(average, abs=2e-4)


# --- sequences -------------------------------------------------------------------------------------------------------

DELAYS_US = np.array([0.0, 0.013, 0.3, 1.0, 4.0])
ECHO_PHASES_RAD = np.pi * (np.arange(5) % 2)
"""Phases of the X180 of an echo at each delay: alternately about +x and -x."""
STILL = Coherence(t1_us=5.0, t2_echo_us=4.0, jitter_mhz=0.0)
DETUNINGS = pytest.mark.parametrize("detuning_mhz", [0.0, 0.4, -3.0])
WRONG_X90 = Pulse(1.1 * X90.amplitude, 40.0, 0.25)
WRONG_X180 = Pulse(0.95 * X180.amplitude, 40.0, -0.5)


@by_qutip
@DETUNINGS
def test_a_ramsey_with_imperfect_pulses(detuning_mhz: float) -> None:
    found = ramsey_populations(
        DELAYS_US,
        pulse=transfer_matrix(DRIVE.channel(WRONG_X90, detuning_mhz=detuning_mhz, levels=SHORT_LIVED)),
        detuning_mhz=detuning_mhz,
        artificial_mhz=1.3,
        coherence=STILL,
        equilibrium=1 - 2 * SHORT_LIVED.thermal_population,
        splittings_mhz=(),
    )
    for start in (0, 1):
        tipped = solved(basis_state(start), WRONG_X90, SHORT_LIVED, detuning_mhz)
        for delay, population in zip(DELAYS_US, found[start], strict=True):
            state = waited(tipped, delay, SHORT_LIVED, detuning_mhz)
            end = solved(state, WRONG_X90, SHORT_LIVED, detuning_mhz, 2 * np.pi * 1.3 * delay)
            assert population == pytest.approx(float(excited_population(end)), abs=TOLERANCE)


@by_qutip
@DETUNINGS
def test_an_echo_with_imperfect_pulses(detuning_mhz: float) -> None:
    half_pulse, pi_pulse = (
        transfer_matrix(DRIVE.channel(pulse, detuning_mhz=detuning_mhz, levels=SHORT_LIVED))
        for pulse in (WRONG_X90, WRONG_X180)
    )
    found = echo_populations(
        DELAYS_US,
        half_pulse=half_pulse,
        pi_pulse=pi_pulse,
        detuning_mhz=detuning_mhz,
        coherence=STILL,
        equilibrium=1 - 2 * SHORT_LIVED.thermal_population,
        splittings_mhz=(),
    )
    for start in (0, 1):
        tipped = solved(basis_state(start), WRONG_X90, SHORT_LIVED, detuning_mhz)
        for delay, population, phase_rad in zip(DELAYS_US, found[start], ECHO_PHASES_RAD, strict=True):
            state = waited(tipped, delay / 2, SHORT_LIVED, detuning_mhz)
            state = solved(state, WRONG_X180, SHORT_LIVED, detuning_mhz, phase_rad)
            state = waited(state, delay / 2, SHORT_LIVED, detuning_mhz)
            end = solved(state, WRONG_X90, SHORT_LIVED, detuning_mhz)
            assert population == pytest.approx(float(excited_population(end)), abs=TOLERANCE)


@by_qutip
def test_quasi_static_noise_is_an_average_over_detunings() -> None:
    jittering = Coherence(t1_us=5.0, t2_echo_us=4.0, jitter_mhz=0.15)
    half_pulse, pi_pulse = (
        DRIVE.channel(pulse, detuning_mhz=0.2, levels=SHORT_LIVED) for pulse in (WRONG_X90, WRONG_X180)
    )
    ramsey, _ = ramsey_populations(
        DELAYS_US,
        pulse=transfer_matrix(half_pulse),
        detuning_mhz=0.2,
        artificial_mhz=0.0,
        coherence=jittering,
        equilibrium=0.94,
        splittings_mhz=(),
    )
    echo, _ = echo_populations(
        DELAYS_US,
        half_pulse=transfer_matrix(half_pulse),
        pi_pulse=transfer_matrix(pi_pulse),
        detuning_mhz=0.2,
        coherence=jittering,
        equilibrium=0.94,
        splittings_mhz=(),
    )
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    tipped = half_pulse @ basis_state(0)
    for index, delay in enumerate(DELAYS_US[:4]):
        ends = np.zeros((2, 9), dtype=complex)
        for node, weight in zip(nodes, weights / weights.sum(), strict=True):
            offset = 0.2 + 0.15 * node
            ends[0] += weight * (half_pulse @ waited(tipped, delay, SHORT_LIVED, offset))
            flipped = rotate_channel(pi_pulse, ECHO_PHASES_RAD[index]) @ waited(
                tipped, delay / 2, SHORT_LIVED, offset
            )
            ends[1] += weight * (half_pulse @ waited(flipped, delay / 2, SHORT_LIVED, offset))
        assert [ramsey[index], echo[index]] == pytest.approx(excited_population(ends), abs=TOLERANCE)


@by_qutip
def test_relaxation_after_a_pulse_that_leaks() -> None:
    leaking = DRIVE.channel(SHORT, detuning_mhz=-30.0, levels=SHORT_LIVED)
    flipped = np.stack([populations(leaking @ basis_state(start)) for start in (0, 1)])
    found = t1_populations(DELAYS_US, flipped=flipped, coherence=STILL, thermal_population=0.03)
    for start in (0, 1):
        pulsed = leaking @ basis_state(start)
        for delay, population in zip(DELAYS_US, found[start], strict=True):
            # Both exponentiate the same generator.
            expected = float(excited_population(waited(pulsed, delay, SHORT_LIVED, 0.0)))
            assert population == pytest.approx(expected, abs=1e-9)


@by_qutip
def test_a_thermal_start_is_a_mixture_of_both() -> None:
    """Every idling qubit ends at its thermal population, from any initial state."""
    channel = DRIVE.channel(X180, detuning_mhz=0.0, levels=SHORT_LIVED)
    flipped = np.stack([populations(channel @ basis_state(start)) for start in (0, 1)])
    ends = t1_populations(np.array([200.0]), flipped=flipped, coherence=STILL, thermal_population=0.03)
    assert np.ravel(ends) == pytest.approx(0.03, abs=1e-9)
    thermal = 0.97 * basis_state(0) + 0.03 * basis_state(1)
    assert channel @ thermal == pytest.approx(solved(thermal, X180, SHORT_LIVED, 0.0), abs=TOLERANCE)


# --- steady drives ---------------------------------------------------------------------------------------------------


@by_qutip
@pytest.mark.parametrize(
    "rabi_mhz", [pytest.param(3.0, marks=pytest.mark.slow), 10.0, pytest.param(20.0, marks=pytest.mark.slow)]
)
def test_spectroscopy_of_f01_and_of_f02_half_is_the_steady_state(rabi_mhz: float) -> None:
    """Both closed forms, with heights, widths and light shifts, for a qubit that settles within the pulse."""
    chip = draw_chip(make_table({"t1_us": 2.0, "t2_us": 2.0, "sx_error": 0.0}), 1)
    qubit = replace(
        chip.qubits["0"],
        thermal_population=0.0,
        coherence=Coherence(t1_us=2.0, t2_echo_us=2.0, jitter_mhz=0.0),
    )
    amplitude = rabi_mhz / qubit.drive.rabi_per_amplitude_mhz
    wide, narrow = np.linspace(-2, 2, 11) * rabi_mhz, np.linspace(-1, 1, 11) * rabi_mhz**2 / 100
    for centre_ghz, offsets_mhz in ((qubit.frequency_ghz, wide), (qubit.two_photon_frequency_ghz, narrow)):
        drive_ghz = centre_ghz + offsets_mhz * 1e-3
        found = compute_population(qubit, drive_ghz, amplitude=amplitude)
        found = found + line_shift(chip, qubit, drive_ghz, amplitude=amplitude)
        settled = [
            qutip.steadystate(
                undriven(qubit.levels, detuning_mhz) + np.pi * rabi_mhz * (lower() + lower().dag()),
                [jump for jump in jumps(qubit.levels) if jump.norm() > 0],
            ).diag()
            for detuning_mhz in (qubit.frequency_ghz - drive_ghz) * 1e3
        ]
        # |2> is read as |1>.
        expected = np.array(settled) @ [0.0, 1.0, 1.0]
        assert found == pytest.approx(expected, abs=0.04)


@by_qutip
def test_a_light_shift_is_that_of_the_dressed_levels() -> None:
    qubit = draw_chip(make_table({}), 1).qubits["0"]
    for rabi_mhz in (5.0, 20.0):
        offsets = np.linspace(-1, 3, 401) * rabi_mhz**2 / 330
        splittings = [
            np.diff(
                (
                    undriven(qubit.levels, -offset) + np.pi * rabi_mhz * (lower() + lower().dag())
                ).eigenenergies()
            )[1]
            for offset in offsets
        ]
        # Resonance is where the dressed states are closest; next order is the Rabi frequency over the anharmonicity.
        closest = offsets[np.argmin(splittings)]
        assert light_shift_mhz(qubit, rabi_mhz) == pytest.approx(closest, rel=0.1)
