"""Tones, idling and gates on two qubits against an independent solver of the Schroedinger and master
equations (QuTiP).

The solver integrates the model of `pair`, in the product basis of bare states and with time-dependent edges,
to a tolerance of 1e-11. Sources of differences:

- slices of the edges: 2e-6 in a matrix element at 60 MHz;
- decoherence, which in the twin acts on the two dressed qubits under the flat part's effective Hamiltonian: second order in time
  over T1 or T2, and the mixing of the qubits by the drive, (drive / 2 D)^2 of the decay during the tone.
"""

from __future__ import annotations

import cmath
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.optimize import minimize

from qdash_fake.physics.cross_resonance import rates
from qdash_fake.physics.gate_quality import gate_fidelity
from qdash_fake.physics.pair import COMPUTATIONAL, CONTROL_LEVELS, TARGET_LEVELS
from qdash_fake.physics.pair_evolution import gate_channel, idle_channel, tone_channels
from qdash_fake.physics.pair_pulses import z_rotation
from qdash_fake.physics.superoperators import PAULIS, pauli_transfer
from qdash_tasks.laboratory.pulses import RISE_NS, ZX90, CrossResonanceTone

from ..lazy_modules import LazyModule
from .two_qubits import pair_at, tone_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.pair import Pair

    Complexes = NDArray[np.complex128]
    Floats = NDArray[np.float64]

qutip = LazyModule("qutip")
EXACTLY = {"atol": 1e-12, "rtol": 1e-11, "nsteps": 10**7, "progress_bar": "", "method": "dop853"}
X180 = np.diag([1.0, 1.0, -1.0, -1.0])


def lower_control() -> qutip.Qobj:
    """Return the lowering operator of the control qubit."""
    return qutip.tensor(qutip.destroy(CONTROL_LEVELS), qutip.qeye(TARGET_LEVELS))


def lower_target() -> qutip.Qobj:
    """Return the lowering operator of the target qubit."""
    return qutip.tensor(qutip.qeye(CONTROL_LEVELS), qutip.destroy(TARGET_LEVELS))


def undriven(pair: Pair, tone_ghz: float) -> qutip.Qobj:
    """Return the Hamiltonian (rad/us) in the frame of a tone; bare frequencies follow from the two levels
    that share one excitation.
    """
    levels, off = pair.transmons, pair.target.detuning_mhz(tone_ghz)
    bare = math.copysign(math.sqrt(levels.detuning_mhz**2 - 4 * levels.exchange_mhz**2), levels.detuning_mhz)
    middle = off + levels.detuning_mhz / 2
    found = levels.exchange_mhz * (
        lower_control().dag() * lower_target() + lower_control() * lower_target().dag()
    )
    for lower, frequency, anharmonicity in (
        (lower_control(), middle + bare / 2, levels.control_anharmonicity_mhz),
        (lower_target(), middle - bare / 2, levels.target_anharmonicity_mhz),
    ):
        number = lower.dag() * lower
        found += frequency * number + anharmonicity / 2 * number * (number - 1)
    return 2 * np.pi * found


def dressed(pair: Pair) -> Complexes:
    """Return the states that resemble |00>, |01>, |10>, |11>, as columns, shape (12, 4)."""
    _, states = np.linalg.eigh(undriven(pair, pair.target.frequency_ghz).full())
    chosen = [states[:, np.argmax(np.abs(states[place]))] for place in COMPUTATIONAL]
    return np.stack(
        [state * np.sign(state[place].real) for state, place in zip(chosen, COMPUTATIONAL, strict=True)],
        axis=1,
    )


def driven(pair: Pair, tone: CrossResonanceTone, length_us: float, tone_ghz: float) -> list[object]:
    drives, edge_us = pair.drives(tone), min(RISE_NS * 1e-3, length_us / 2)
    raising = np.pi * (drives.control * lower_control().dag() + drives.target * lower_target().dag())

    def envelope(t: float) -> float:
        near = min(t, length_us - t)
        return (1 - math.cos(math.pi * near / edge_us)) / 2 if near < edge_us else 1.0

    return [undriven(pair, tone_ghz), [raising + raising.dag(), envelope]]


def stops(length_us: float) -> list[float]:
    edge_us = RISE_NS * 1e-3
    return [0.0, edge_us, length_us - edge_us, length_us] if length_us > 2 * edge_us else [0.0, length_us]


def solved(
    pair: Pair, tone: CrossResonanceTone, length_us: float, drives_ghz: tuple[float, float]
) -> Complexes:
    """Return the evolution of the dressed states in the frames of the drives, shape (4, 4)."""
    basis = dressed(pair)
    hamiltonian = driven(pair, tone, length_us, drives_ghz[1])
    columns = [
        qutip.sesolve(
            hamiltonian,
            qutip.Qobj(state, dims=[[CONTROL_LEVELS, TARGET_LEVELS], [1, 1]]),
            stops(length_us),
            options=EXACTLY,
        )
        .states[-1]
        .full()
        .ravel()
        for state in basis.T
    ]
    frame = np.exp(2j * np.pi * (drives_ghz[0] - drives_ghz[1]) * 1e3 * length_us * np.array([0, 0, 1, 1]))
    return np.asarray(frame[:, None] * (basis.conj().T @ np.stack(columns, axis=1)))


TONES = [
    (100.0, tone_at(30.0, 0.4, cancel_amplitude=0.004, cancel_phase_rad=1.0, rotary_amplitude=0.02), 300.0),
    (50.0, tone_at(25.0, -1.0), 150.0),
    (-80.0, tone_at(40.0), 200.0),
    (161.0, tone_at(30.0), 180.0),
    (100.0, tone_at(60.0), 31.0),
]


@pytest.mark.slow  # QuTiP takes seconds to import
@pytest.mark.parametrize(("detuning", "tone", "length_ns"), TONES)
def test_a_tone_is_the_solution_of_the_schroedinger_equation(
    detuning: float, tone: CrossResonanceTone, length_ns: float
) -> None:
    pair = pair_at(detuning, crosstalk=0.02)
    # Both drives are slightly detuned from their qubits.
    drives = pair.control.frequency_ghz + 3e-4, pair.target.frequency_ghz - 5e-4
    found = tone_channels(pair, tone, [length_ns], drives_ghz=drives)[0]
    expected = pauli_transfer(solved(pair, tone, length_ns * 1e-3, drives))
    # Matrix elements are wrong by 2e-6; a transfer matrix has two of them in each of its products.
    assert found == pytest.approx(expected, abs=2e-5)


@pytest.mark.slow  # QuTiP takes seconds to import
def test_decoherence_during_a_tone_is_that_of_the_master_equation() -> None:
    pair = pair_at(100.0, t1_us=12.0, t2_us=9.0)
    tone, length_us = tone_at(20.0, 0.3, rotary_amplitude=0.01), 0.25
    drives = pair.control.frequency_ghz, pair.target.frequency_ghz
    jumps = []
    for lower, qubit in ((lower_control(), pair.control), (lower_target(), pair.target)):
        levels = qubit.levels
        pure = 1 / levels.t2_us - 1 / (2 * levels.t1_us)
        jumps += [
            math.sqrt((1 - levels.thermal_population) / levels.t1_us) * lower,
            math.sqrt(levels.thermal_population / levels.t1_us) * lower.dag(),
            math.sqrt(2 * pure) * lower.dag() * lower,
        ]
    basis = dressed(pair)
    start = np.kron([0.6, 0.8j], [0.8, 0.6])
    ket = qutip.Qobj(basis @ start, dims=[[CONTROL_LEVELS, TARGET_LEVELS], [1, 1]])
    options = {**EXACTLY, "atol": 1e-9, "rtol": 1e-8}
    end = qutip.mesolve(
        driven(pair, tone, length_us, drives[1]), ket.proj(), stops(length_us), jumps, options=options
    ).states[-1]
    frame = np.exp(2j * np.pi * 100.0 * length_us * np.array([0, 0, 1, 1]))
    inside = frame[:, None] * (basis.conj().T @ end.full() @ basis) * frame.conj()
    expected = np.einsum("aij,ji->a", PAULIS, inside).real
    begun = np.einsum("aij,ji->a", PAULIS, np.outer(start, start.conj())).real
    found = tone_channels(pair, tone, [length_us * 1e3], drives_ghz=drives)[0] @ begun
    # Decay is 3 % here; what the drive mixes in is (20 / 200)^2 of it, 3e-4, and second order (3 %)^2 / 2;
    # |2> is excited, too, with twice the thermal 0.3 % of it.
    assert found == pytest.approx(expected, abs=8e-4)
    without = tone_channels(pair_at(100.0), tone, [length_us * 1e3], drives_ghz=drives)[0] @ begun
    assert np.abs(without - expected).max() > 0.015


def test_many_lengths_are_the_single_ones_and_none_is_nothing() -> None:
    pair = pair_at(100.0, t1_us=50.0, t2_us=40.0)
    drives = pair.control.frequency_ghz, pair.target.frequency_ghz
    lengths = np.array([0.0, 10.0, 56.0, 300.0, 2000.0])
    together = tone_channels(pair, tone_at(30.0), lengths, drives_ghz=drives)
    assert together[0] == pytest.approx(np.eye(16), abs=1e-9)
    for length, channel in zip(lengths[1:], together[1:], strict=True):
        alone = tone_channels(pair, tone_at(30.0), [length], drives_ghz=drives)[0]
        assert channel == pytest.approx(alone, abs=1e-9)


def test_an_opposite_tone_is_the_tone_between_two_zz() -> None:
    pair = pair_at(100.0, crosstalk=0.02)
    drives = pair.control.frequency_ghz, pair.target.frequency_ghz
    first = tone_channels(pair, tone_at(30.0, 0.2), [200.0], drives_ghz=drives)[0]
    opposite = tone_channels(pair, tone_at(30.0, 0.2 + math.pi), [200.0], drives_ghz=drives)[0]
    signs = np.kron([1, -1, -1, 1], [1, -1, -1, 1])
    assert opposite == pytest.approx(signs[:, None] * first * signs, abs=1e-9)


def test_waiting_turns_by_the_detunings_and_the_static_zz() -> None:
    pair = pair_at(100.0)
    zeta = pair.transmons.dressed.static_zz_mhz
    drives = pair.control.frequency_ghz - 2e-4, pair.target.frequency_ghz + 1e-4
    times = np.array([[0.0, 0.7], [1.3, 4.0]])
    found = idle_channel(pair, times, drives_ghz=drives, slow_noise=False)
    for time, channel in zip(times.ravel(), found.reshape(-1, 16, 16), strict=True):
        phases = np.exp(-2j * np.pi * time * np.array([0.0, -0.1, 0.2, 0.1 + zeta]))
        # Frequencies in GHz are known to 1e-15, so detunings to 1e-12 MHz.
        assert channel == pytest.approx(pauli_transfer(np.diag(phases)), abs=1e-7)


def test_waiting_relaxes_each_qubit_by_its_own_times() -> None:
    pair = pair_at(100.0, t1_us=12.0, t2_us=9.0)
    time_us, thermal = 5.0, pair.target.thermal_population
    drives = pair.control.frequency_ghz, pair.target.frequency_ghz
    white = idle_channel(pair, time_us, drives_ghz=drives, slow_noise=False)
    assert white[3, 3] == pytest.approx(math.exp(-time_us / 12), abs=1e-9)
    assert white[3, 0] == pytest.approx((1 - 2 * thermal) * (1 - math.exp(-time_us / 12)), abs=1e-9)
    slow = idle_channel(pair, time_us, drives_ghz=drives)
    one, other = np.hypot(white[1, 1], white[2, 1]), np.hypot(slow[1, 1], slow[2, 1])
    coherence = pair.target.coherence
    expected = coherence.free_decay(np.array(time_us)) / coherence.echo_decay(np.array(time_us))
    assert other / one == pytest.approx(float(expected), rel=1e-9)


def test_a_depolarising_rate_acts_on_both_qubits_while_a_tone_is_on() -> None:
    pair, noisy = pair_at(100.0), pair_at(100.0, extra_rate=0.05)
    drives = pair.control.frequency_ghz, pair.target.frequency_ghz
    clean, found = (tone_channels(one, tone_at(25.0), [400.0], drives_ghz=drives)[0] for one in (pair, noisy))
    assert found[:, 0] == pytest.approx(clean[:, 0], abs=1e-9)
    assert found[:, 1:] == pytest.approx(math.exp(-0.05 * 0.4) * clean[:, 1:], abs=1e-9)


def test_a_gate_with_zx_above_zero_is_the_zx90() -> None:
    pair = pair_at(100.0, line_phase_rad=0.7)
    drives = pair.control.frequency_ghz, pair.target.frequency_ghz
    # ZX is negative along the drive here, so the phase is that of the opposite drive.
    tone = tone_at(20.0, math.pi - 0.7)
    found = rates(pair, tone, drive_ghz=drives[1])
    assert found.zx > 0
    gate = ZX90(tone, 125 / found.zx + RISE_NS)
    channel = gate_channel(pair, gate, drives_ghz=drives, x180=X180, x180_ns=40.0)
    # The rest is static ZZ and edges, 1e-3.
    assert gate_fidelity(channel) > 0.998
    wrong = ZX90(tone_at(20.0, -0.7), gate.tone_ns)
    inverse = gate_channel(pair, wrong, drives_ghz=drives, x180=X180, x180_ns=40.0)
    # Two opposite quarter turns: |tr(ZX)| = 0, F = 1 / (d + 1).
    assert gate_fidelity(inverse) == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize(
    ("detuning", "drive", "published"),
    [
        pytest.param(100.0, 25.0, 2e-4, marks=pytest.mark.slow),
        pytest.param(50.0, 25.0, 3e-4, marks=pytest.mark.release),
        pytest.param(50.0, 40.0, 2e-3, marks=pytest.mark.release),
    ],
)
def test_coherent_errors_without_rotary_tone_are_the_known_ones(
    detuning: float, drive: float, published: float
) -> None:
    pair = pair_at(detuning, anharmonicity_mhz=-310.0)
    drives = pair.control.frequency_ghz, pair.target.frequency_ghz
    flat = rates(pair, tone_at(drive), drive_ghz=drives[1])
    phase = -cmath.phase(complex(flat.zx, flat.zy))

    def error(values: Floats) -> float:
        lengthened, turned, *frames = values
        gate = ZX90(tone_at(drive, phase + 0.1 * turned), 125 / abs(flat.zx) + RISE_NS + 10 * lengthened)
        channel = gate_channel(pair, gate, drives_ghz=drives, x180=X180, x180_ns=40.0)
        before, after = (
            np.kron(z_rotation(0.1 * frames[place]), z_rotation(0.1 * frames[place + 1])) for place in (0, 2)
        )
        return 1 - gate_fidelity(after @ channel @ before)

    # Length, phase and the virtual Z of both qubits, before and after, are free.
    found = minimize(error, np.zeros(6), method="Nelder-Mead", options={"maxfev": 400}).fun
    assert published / 2 < found < published * 2
