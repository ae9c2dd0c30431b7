"""Simulated instruments of the couplings: pulses on both qubits, gates, joint readout."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_core.errors import InvalidInputError
from qdash_fake.physics.pair import Pair
from qdash_fake.physics.pair_evolution import gate_step
from qdash_fake.physics.pair_pulses import PairPulses, QubitPulses
from qdash_fake.physics.pair_sequences import relax_before_readout
from qdash_fake.sampling import sample_joint_averages, sample_single_shots

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from qdash_fake.instruments import Instruments
    from qdash_fake.physics.chip import CouplingTruth
    from qdash_fake.physics.pair_pulses import Step
    from qdash_fake.sampling import Clouds
    from qdash_tasks.laboratory.coupling_settings import CouplingSettings
    from qdash_tasks.laboratory.pulses import ZX90
    from qdash_tasks.laboratory.shots import Repetition, Shots
    from qdash_tasks.laboratory.trace import Trace

    Floats = NDArray[np.float64]


class OpenPair(NamedTuple):
    """Coupling in its drive direction, at the settings in use."""

    coupling_id: str
    pair: Pair
    pulses: PairPulses
    drives_ghz: tuple[float, float]

    def make_step(self, gate: ZX90) -> Step:
        """Return the channel of a gate and its length."""
        return gate_step(self.pair, gate, drives_ghz=self.drives_ghz, x180=self.pulses.control.x180)


class PairPopulations(NamedTuple):
    """Final populations of 00, 01, 10, 11, shape (n, 4, 4): start, end; sweep and lengths of the sequence in µs, shape (n,)."""

    x: Floats
    reached: Floats
    length_us: Floats


class PairInstruments:
    """Instruments that play the settings in use on coupled qubits of a chip. Thread-safe.

    `couplings` are hidden (see `Instruments` about its two underscores); `settings` is a view that may change at any time.
    """

    def __init__(
        self,
        lab: Instruments,
        couplings: Mapping[str, CouplingTruth],
        settings: Mapping[str, CouplingSettings],
    ) -> None:
        self.__couplings = couplings
        self._lab = lab
        self.settings = settings

    def get_gate(self, opened: OpenPair) -> ZX90:
        """Return the gate in use, or raise `InvalidInputError` if none is calibrated."""
        name = opened.coupling_id
        x180_ns = opened.pulses.control.x180.length_us * 1e3
        found = self.settings[name].gate(x180_ns)
        if found is None:
            raise InvalidInputError(f"{name}: no ZX90 is calibrated: run CreateZX90, or pass a gate")
        return found

    def average(
        self, opened: OpenPair, program: Callable[[np.random.Generator], PairPopulations], shots: Shots
    ) -> tuple[tuple[Trace, Trace], Floats]:
        """Read control and target at the end of `program`; also return the time between readouts of successive shots (us)."""
        rng = self._lab.rng(opened.coupling_id)
        x, there, lengths_us = self._relax_before_readout(opened, program(rng), shots.repetition)
        where = self._get_clouds(opened)
        control, target = sample_joint_averages(x, there, where, shots=shots.count, rng=rng)
        return (control, target), lengths_us

    def sample_shots(
        self, opened: OpenPair, program: Callable[[np.random.Generator], PairPopulations], shots: Shots
    ) -> tuple[NDArray[np.complex128], Floats]:
        """Return every shot of both qubits at the end of a one-point `program`, shape (shots, 2), control first."""
        rng = self._lab.rng(opened.coupling_id)
        _, there, lengths_us = self._relax_before_readout(opened, program(rng), shots.repetition)
        chances = np.clip(there[0], 0.0, None)
        states = rng.choice(4, size=shots.count, p=chances / chances.sum())
        both = [
            sample_single_shots(excited.astype(np.float64), where, shots=shots.count, rng=rng)
            for excited, where in zip((states >> 1, states & 1), self._get_clouds(opened), strict=True)
        ]
        return np.stack(both, axis=-1), lengths_us

    def open(self, name: str, direction: tuple[str, str], *, target_ghz: float | None = None) -> OpenPair:
        """Return a coupling at the settings in use; `target_ghz` is None for the target's drive frequency in use."""
        control, target = direction
        pair = Pair(self._lab.qubit(control), self._lab.qubit(target), self.__couplings[name])
        drives = [self._lab.settings[qid].drive_frequency_ghz for qid in direction]
        if target_ghz is not None:
            drives[1] = target_ghz
        one, other = (
            QubitPulses.from_qubit(
                qubit,
                replace(self._lab.settings[qubit.qid], drive_frequency_ghz=drive_ghz),
                partial(self._lab.channel, qubit.qid, drive_ghz=drive_ghz),
            )
            for qubit, drive_ghz in zip((pair.control, pair.target), drives, strict=True)
        )
        pulses = PairPulses(one, other, pair.transmons.dressed.static_zz_mhz)
        return OpenPair(name, pair, pulses, (drives[0], drives[1]))

    def _relax_before_readout(
        self, opened: OpenPair, ends: PairPopulations, repetition: Repetition
    ) -> tuple[Floats, Floats, Floats]:
        """Return sweep, populations (n, 4) just before readout, and the time between two readouts (us, (n,))."""
        control, target = opened.pair.control, opened.pair.target
        rest_us = max(self._lab.reset_us(one.qid, repetition) for one in (control, target))
        there = relax_before_readout(ends.reached, control, target, repetition)
        return ends.x, there, ends.length_us + rest_us

    def _get_clouds(self, opened: OpenPair) -> tuple[Clouds, Clouds]:
        return self._lab.clouds(opened.pair.control.qid), self._lab.clouds(opened.pair.target.qid)
