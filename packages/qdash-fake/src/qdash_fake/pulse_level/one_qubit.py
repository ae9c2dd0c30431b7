"""Evolution of a single qubit during a program: pulses, waits, and shot-to-shot variations."""

from __future__ import annotations

from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_core.errors import InvalidInputError
from qdash_fake.physics.levels import basis_state, make_relaxation, populations
from qdash_fake.pulse_level.channels import DrivenQubit, compute_pulse_channels, integrate
from qdash_fake.pulse_level.shot_variations import list_shot_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.pulse_level.shot_variations import ShotKinds
    from qdash_fake.pulse_level.waves import Wave
    from qdash_tasks.laboratory.program import Waveform

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_SLACK_NS = 1e-6
_NUMBER = np.subtract.outer(np.arange(3), np.arange(3)).ravel()
_POPULATIONS = np.array([0, 4, 8])


class _Step(NamedTuple):
    """Channel of one wave or of overlapping waves, shape (kinds of shots, 9, 9), between two frame rotations."""

    start_ns: float
    end_ns: float
    before_rad: float
    channels: Complexes
    after_rad: float


def compute_final_state(qubit: QubitTruth, waves: Sequence[Wave], until_ns: Sequence[float]) -> Floats:
    """Return the level populations of a qubit at its readouts.

    Each readout projects to |0> or |1>, the initial state of what follows; leaked population continues in |1>.

    Returns the shape (readouts, 2, 3): by the state at the start or at the previous readout. The readouts start at
    `until_ns`, in time order; raises `InvalidInputError` if a pulse has not ended before.
    """
    found = np.empty((len(until_ns), 2, 3))
    for index, (begin_ns, end_ns) in enumerate(pairwise([0.0, *until_ns])):
        chosen = sorted(
            (wave for wave in waves if begin_ns - _SLACK_NS <= wave.start_ns < end_ns - _SLACK_NS),
            key=attrgetter("start_ns"),
        )
        for wave in chosen:
            if wave.end_ns > end_ns + _SLACK_NS:
                raise InvalidInputError(
                    f"qubit {qubit.qid} is read at {end_ns:g} ns, while a pulse on it lasts until {wave.end_ns:g} ns"
                )
        found[index] = _evolve(qubit, chosen, begin_ns, end_ns)
    return found


def _evolve(qubit: QubitTruth, waves: Sequence[Wave], begin_ns: float, end_ns: float) -> Floats:
    """Return the final populations (2, 3) by the initial state."""
    span_us = (max(wave.end_ns for wave in waves) - waves[0].start_ns) * 1e-3 if waves else 0.0
    kinds = list_shot_kinds(qubit, span_us)
    state = np.tile(np.stack([basis_state(0), basis_state(1)], axis=-1), (kinds.weights.size, 1, 1))
    steps = _iter_steps(qubit, waves, kinds)
    # Rotations about z between successive pulses add up; the last one does not change populations.
    turns = np.array([step.before_rad for step in steps])
    turns[1:] += [step.after_rad for step in steps[:-1]]
    factors = np.exp(1j * np.multiply.outer(turns, _NUMBER))[:, :, None]
    now_ns = begin_ns
    for step, factor in zip(steps, factors, strict=True):
        if step.start_ns > now_ns + _SLACK_NS:
            state = _evolve_idle(qubit, state, (step.start_ns - now_ns) * 1e-3, kinds)
        state = step.channels @ (factor * state)
        now_ns = step.end_ns
    if end_ns > now_ns + _SLACK_NS:
        state = _evolve_idle(qubit, state, (end_ns - now_ns) * 1e-3, kinds)
    found = populations(state.swapaxes(-1, -2))
    return np.asarray(np.tensordot(kinds.weights, found, axes=1))


def _evolve_idle(qubit: QubitTruth, state: Complexes, time_us: float, kinds: ShotKinds) -> Complexes:
    """Return the states after a wait, with relaxation, dephasing and the frequency shift of each shot kind."""
    levels = qubit.levels
    energies = levels.energies_mhz(np.array(kinds.shifts_mhz))
    turning = (energies[:, :, None] - energies[:, None, :]).reshape(-1, 9)
    kept = np.exp(-time_us * (levels.coherence_rates().ravel() + 2j * np.pi * turning))
    later = state * kept[:, :, None]
    left = np.exp(-time_us / levels.t1_us * kinds.rates)
    later[:, _POPULATIONS] = make_relaxation(left, levels.thermal_population) @ state[:, _POPULATIONS]
    return later


def _iter_steps(qubit: QubitTruth, waves: Sequence[Wave], kinds: ShotKinds) -> list[_Step]:
    driven = DrivenQubit.from_qubit(qubit)
    known: dict[tuple[Waveform, float, float], tuple[float, Complexes]] = {}

    def make_single_step(wave: Wave) -> _Step:
        """Return the step of a single wave, whose channels are the same for equal pulses of a program."""
        key = wave.shape, wave.rabi_mhz, wave.frequency_ghz
        found = known.get(key)
        if found is None:
            detuning_mhz = qubit.detuning_mhz(wave.frequency_ghz)
            found = known[key] = (
                2e-3 * np.pi * detuning_mhz,
                compute_pulse_channels(driven, wave.shape, wave.rabi_mhz, detuning_mhz, kinds.shifts_mhz),
            )
        turning, channels = found
        # Rotation into the frame of the wave, where its phase is zero, and back.
        into, out = turning * wave.start_ns, turning * wave.end_ns
        return _Step(wave.start_ns, wave.end_ns, -into - wave.phase_rad, channels, out + wave.phase_rad)

    return [
        make_single_step(group[0]) if len(group) == 1 else _make_joint_step(qubit, group, kinds)
        for group in _group_waves(waves)
    ]


def _make_joint_step(qubit: QubitTruth, waves: Sequence[Wave], kinds: ShotKinds) -> _Step:
    """Return the step of overlapping waves, integrated between their edges in the qubit's frame."""
    energies = qubit.levels.energies_mhz(np.array(kinds.shifts_mhz))
    edges = {time_ns for wave in waves for time_ns in _list_edges_ns(wave)}
    total = np.eye(9, dtype=np.complex128)
    for span in pairwise(sorted(edges)):
        during = [wave for wave in waves if wave.start_ns < sum(span) / 2 < wave.end_ns]
        fastest = sum(wave.rabi_mhz for wave in during)
        fastest += max(abs(qubit.detuning_mhz(wave.frequency_ghz)) for wave in during)

        def wave_mhz(times_ns: Floats, during: Sequence[Wave] = during) -> Complexes:
            found = (wave.at(times_ns, frame_ghz=qubit.frequency_ghz) for wave in during)
            return np.asarray(sum(found))

        part = integrate(
            wave_mhz,
            span,
            fastest_mhz=fastest,
            factors=np.ones(1),
            energies_mhz=energies,
            levels=qubit.levels,
        )
        total = part[:, 0] @ total
    return _Step(min(edges), max(edges), 0.0, total, 0.0)


def _list_edges_ns(wave: Wave) -> tuple[float, ...]:
    """Return the times at which a wave is not smooth."""
    edge_ns = wave.shape.edge_ns if wave.shape.shape == "flat_top" else 0.0
    return wave.start_ns, wave.start_ns + edge_ns, wave.end_ns - edge_ns, wave.end_ns


def _group_waves(waves: Sequence[Wave]) -> list[list[Wave]]:
    """Return the waves in time order, with overlapping ones grouped."""
    found: list[list[Wave]] = []
    free_ns = 0.0
    for wave in waves:
        if found and wave.start_ns < free_ns - _SLACK_NS:
            found[-1].append(wave)
        else:
            found.append([wave])
        free_ns = max(free_ns, wave.end_ns)
    return found
