"""Sequences of two-qubit measurements, played pulse by pulse on two coupled qubits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.cliffords.one_qubit import AFTER, BEFORE, PULSES
from qdash_analysis.cliffords.two_qubits import core_layers
from qdash_fake.pair_instruments import OpenPair
from qdash_fake.physics.chip import ChipTruth
from qdash_fake.physics.pair_pulses import PairPulses, QubitPulses
from qdash_fake.physics.trains import find_true_amplitude, find_true_beta
from qdash_fake.pulse_level.several_qubits import solve_together
from qdash_tasks.laboratory.limits import Limits
from qdash_tasks.laboratory.pulses import Pulse
from qdash_tasks.laboratory.settings import Settings
from qdash_tasks.laboratory.timeline import Timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.cliffords import PairSequences
    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.physics.pair import Pair
    from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone

    Floats = NDArray[np.float64]


def calibrated(qubit: QubitTruth, off_mhz: float = 0.0) -> Settings:
    """Return settings with exact pulses of whole ns, and the drive detuned above the qubit."""
    design = Settings.from_design(qubit.design.of_qubit)
    settings = replace(
        design,
        drive_frequency_ghz=qubit.frequency_ghz + off_mhz * 1e-3,
        hpi_length_ns=float(np.ceil(design.hpi_length_ns)),
        pi_length_ns=float(np.ceil(design.pi_length_ns)),
    )
    found: dict[str, float | None] = {}
    for name, angle_rad, length_ns in (
        ("hpi", np.pi / 2, settings.hpi_length_ns),
        ("pi", np.pi, settings.pi_length_ns),
    ):
        pulse = Pulse(angle_rad / (np.pi * length_ns * 1e-3 * qubit.drive.rabi_mhz(1.0)), length_ns)
        pulse = replace(pulse, beta_ns=find_true_beta(qubit, pulse, detuning_mhz=-off_mhz))
        right = find_true_amplitude(qubit, pulse, angle_rad=angle_rad, detuning_mhz=-off_mhz)
        found |= {f"drag_{name}_amplitude": right, f"drag_{name}_beta_ns": pulse.beta_ns}
    return settings.changed(found)


@dataclass(frozen=True)
class PlayedPair:
    """A pair with its settings in use."""

    pair: Pair
    off_mhz: tuple[float, float] = (0.0, 0.0)

    @property
    def qids(self) -> tuple[str, str]:
        return self.pair.control.qid, self.pair.target.qid

    @property
    def chip(self) -> ChipTruth:
        qubits = {qubit.qid: qubit for qubit in (self.pair.control, self.pair.target)}
        return ChipTruth("two", 1, qubits, {self.pair.coupling.coupling_id: self.pair.coupling})

    @property
    def settings(self) -> dict[str, Settings]:
        both = zip((self.pair.control, self.pair.target), self.off_mhz, strict=True)
        return {qubit.qid: calibrated(qubit, off) for qubit, off in both}

    @property
    def opened(self) -> OpenPair:
        """The same pair for the closed forms."""
        settings = self.settings
        both = (
            QubitPulses.from_qubit(one, settings[one.qid]) for one in (self.pair.control, self.pair.target)
        )
        pulses = PairPulses(*both, self.pair.transmons.dressed.static_zz_mhz)
        drives = (settings[self.qids[0]].drive_frequency_ghz, settings[self.qids[1]].drive_frequency_ghz)
        return OpenPair(self.pair.coupling.coupling_id, self.pair, pulses, drives)

    def timeline(self, control: int = 0, target: int = 0) -> Timeline:
        """Return a new program that prepares a basis state."""
        found = Timeline(self.settings, Limits())
        for qid, state in zip(self.qids, (control, target), strict=True):
            if state:
                found.pulse(qid, found.settings[qid].x180)
        found.align(*self.qids)
        return found

    def reached(self, timeline: Timeline) -> Floats:
        """Return the populations of a joint readout by initial state, shape (4, 4)."""
        program = timeline.read(*self.qids)
        until_ns = {one.qid: one.start_ns for one in program.readouts}
        return solve_together(self.chip, self.qids, program.plays, until_ns)

    def read(self, timeline: Timeline, bases: str) -> Floats:
        """Return the populations after the pulses that rotate two Pauli operators into the readout basis."""
        for qid, basis in zip(self.qids, bases, strict=True):
            if basis != "Z":
                phase_rad = 0.0 if basis == "Y" else -np.pi / 2
                timeline.pulse(qid, timeline.settings[qid].x90, phase_rad=phase_rad)
        return self.reached(timeline)

    def cross_resonance(self, tone: CrossResonanceTone, durations_ns: Floats) -> Floats:
        """Play `pair_programs.cross_resonance`."""
        found = []
        for state in (0, 1):
            for component in "XYZ":
                for length_ns in durations_ns:
                    timeline = self.timeline(state)
                    timeline.tone(*self.qids, tone, length_ns)
                    found.append(self.read(timeline, f"Z{component}"))
        return np.stack(found)

    def gate_train(self, gate: ZX90, count: int, *, control_state: int, superposition: bool) -> Floats:
        """Play `pair_programs.gate_train`."""
        timeline = self.timeline(control_state)
        if superposition:
            timeline.pulse(self.qids[1], timeline.settings[self.qids[1]].x90)
        for _ in range(count):
            timeline.gate(*self.qids, gate)
        return self.reached(timeline)

    def conditional_ramsey(self, delay_ns: float, control_state: int, artificial_mhz: float) -> Floats:
        """Play `pair_programs.conditional_ramsey`."""
        timeline, target = self.timeline(control_state), self.qids[1]
        timeline.pulse(target, timeline.settings[target].x90)
        waited_us = timeline.wait(target, delay_ns) * 1e-3
        phase_rad = 2 * np.pi * artificial_mhz * waited_us
        timeline.pulse(target, timeline.settings[target].x90, phase_rad=phase_rad)
        return self.reached(timeline)

    def bell(self, gate: ZX90, bases: str) -> Floats:
        """Play `pair_programs.prepare_states`."""
        timeline, (control, target) = self.timeline(), self.qids
        timeline.pulse(control, timeline.settings[control].x90, phase_rad=np.pi / 2)
        timeline.gate(control, target, gate)
        timeline.pulse(target, timeline.settings[target].x90, phase_rad=np.pi)
        timeline.align(control, target)
        timeline.turn(control, -np.pi / 2)
        return self.read(timeline, bases)

    def benchmarking(self, sequences: PairSequences, gate: ZX90) -> Floats:
        """Play `pair_programs.benchmarking`."""
        found, place, cores = [], 0, core_layers()
        for count in sequences.counts:
            timeline = self.timeline()
            for _ in range(int(count)):
                for layer in cores[sequences.cores[place]]:
                    if layer >= 0:
                        self._layer(timeline, int(layer))
                        timeline.gate(*self.qids, gate)
                self._layer(timeline, int(sequences.layers[place]))
                place += 1
            found.append(self.reached(timeline))
        return np.stack(found)

    def _layer(self, timeline: Timeline, number: int) -> None:
        for qid, clifford in zip(self.qids, divmod(number, len(PULSES)), strict=True):
            timeline.turn(qid, np.pi / 2 * float(BEFORE[clifford]))
            for _ in range(int(PULSES[clifford])):
                timeline.pulse(qid, timeline.settings[qid].x90)
            timeline.turn(qid, np.pi / 2 * float(AFTER[clifford]))
        timeline.align(*self.qids)
