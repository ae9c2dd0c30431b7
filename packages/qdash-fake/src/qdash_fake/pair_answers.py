"""Twin's answers to each kind of request on a coupling, see `answers`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis.cliffords import ends_in
from qdash_core.errors import InvalidInputError
from qdash_fake import pair_programs
from qdash_fake.physics.pair_propagators import RISE_NS
from qdash_tasks.laboratory import pair_requests as of_pairs
from qdash_tasks.laboratory.trace import ShotRecord, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from qdash_fake.pair_instruments import OpenPair, PairInstruments, PairPopulations
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import Shots

    Floats = NDArray[np.float64]
    Answered = tuple[Answer, Floats]


@dataclass(frozen=True, slots=True)
class MeasuredCoupling:
    """Coupling under measurement."""

    pairs: PairInstruments
    coupling_id: str
    shots: Shots

    def open_pair(self, request: of_pairs.PairRequest) -> OpenPair:
        """Open the pair of qubits at the settings in use."""
        return self.pairs.open(self.coupling_id, (request.control, request.target))

    def make_gate(self, opened: OpenPair, gate: ZX90 | None) -> ZX90:
        """Return the requested gate, or the one in use."""
        return _check_gate(self.pairs.get_gate(opened) if gate is None else gate)

    def sample_both(
        self, opened: OpenPair, program: Callable[[np.random.Generator], PairPopulations]
    ) -> tuple[tuple[Trace, Trace], Floats]:
        """Sample the readout of control and target at the end of a program."""
        return self.pairs.average(opened, program, self.shots)

    def sample_target(self, opened: OpenPair, ends: Callable[[], PairPopulations]) -> tuple[Trace, Floats]:
        """Sample the readout of the target at the end of a program."""
        (_, target), lengths_us = self.sample_both(opened, lambda _: ends())
        return target, lengths_us


def _answer_readout_references(at: MeasuredCoupling, request: of_pairs.ReadoutReferences) -> Answered:
    opened = at.open_pair(request)
    both, lengths_us = at.sample_both(opened, lambda _: pair_programs.readout_points(opened, request.x))
    return _stack_traces(*both), lengths_us


def _answer_cross_resonance(at: MeasuredCoupling, request: of_pairs.CrossResonance) -> Answered:
    opened, tone = at.open_pair(request), _check_tone(request.tone)
    target, lengths_us = at.sample_target(
        opened, lambda: pair_programs.cross_resonance(opened, request.x, tone=tone)
    )
    return target.as_map(request.x), lengths_us


def _answer_later_cross_resonance(at: MeasuredCoupling, request: of_pairs.LaterCrossResonance) -> Answered:
    opened, tone = at.open_pair(request), _check_tone(request.tone)
    target, lengths_us = at.sample_target(
        opened,
        lambda: pair_programs.cross_resonance(opened, request.x, tone=tone, wait_ns=request.wait_ns),
    )
    return target.as_map(request.x), lengths_us


def _answer_gate_train(at: MeasuredCoupling, request: of_pairs.GateTrain) -> Answered:
    opened = at.open_pair(request)
    gate = at.make_gate(opened, request.gate)
    return at.sample_target(
        opened,
        lambda: pair_programs.gate_train(
            opened, request.x, gate=gate, control_state=request.control_state, start=request.start
        ),
    )


def _answer_conditional_ramsey(at: MeasuredCoupling, request: of_pairs.ConditionalRamsey) -> Answered:
    return _answer_fringes(at, request, at.open_pair(request))


def _answer_detuned_conditional_ramsey(
    at: MeasuredCoupling, request: of_pairs.DetunedConditionalRamsey
) -> Answered:
    return _answer_fringes(
        at,
        request,
        at.pairs.open(at.coupling_id, (request.control, request.target), target_ghz=request.frequency_ghz),
    )


def _answer_fringes(at: MeasuredCoupling, request: of_pairs.ConditionalRamsey, opened: OpenPair) -> Answered:
    return at.sample_target(
        opened,
        lambda: pair_programs.conditional_ramsey(
            opened,
            request.x,
            control_state=request.control_state,
            artificial_mhz=request.detuning_mhz,
        ),
    )


def _answer_joint_shots(at: MeasuredCoupling, request: of_pairs.JointShots) -> Answered:
    opened = at.open_pair(request)
    gate = at.make_gate(opened, request.gate) if request.prepare == "bell" else None
    every, lengths_us = at.pairs.sample_shots(
        opened,
        lambda _: pair_programs.prepare_states(opened, request.prepare, bases=request.bases, gate=gate),
        at.shots,
    )
    return ShotRecord(every), lengths_us


def _answer_random_pair_sequences(at: MeasuredCoupling, request: of_pairs.RandomPairSequences) -> Answered:
    opened = at.open_pair(request)
    gate = at.make_gate(opened, request.gate)
    both, lengths_us = at.sample_both(
        opened,
        lambda rng: pair_programs.benchmarking(
            opened, request.x, gate=gate, interleaved=request.interleaved, rng=rng
        ),
    )
    return replace(_stack_traces(*both), ends=ends_in(request.x.size)), lengths_us


def _check_gate(gate: ZX90) -> ZX90:
    _check_tone(gate.tone)
    return gate


def _check_tone(tone: CrossResonanceTone) -> CrossResonanceTone:
    if tone.rise_ns != RISE_NS:
        raise InvalidInputError(
            f"rise_ns: the edges of a twin's tones have {RISE_NS:g} ns instead of {tone.rise_ns:g} ns"
        )
    return tone


def _stack_traces(control: Trace, target: Trace) -> Trace:
    """Return the traces of both qubits as one map of shape (2, n), control first."""
    iq, sigma, covariance = (
        np.stack([getattr(one, name) for one in (control, target)]) for name in ("iq", "sigma", "covariance")
    )
    return Trace(control.x, iq, sigma, covariance)


ON_COUPLINGS: Mapping[type[Request], Callable[[MeasuredCoupling, Any], Answered]] = MappingProxyType(
    {
        of_pairs.ReadoutReferences: _answer_readout_references,
        of_pairs.CrossResonance: _answer_cross_resonance,
        of_pairs.LaterCrossResonance: _answer_later_cross_resonance,
        of_pairs.GateTrain: _answer_gate_train,
        of_pairs.ConditionalRamsey: _answer_conditional_ramsey,
        of_pairs.DetunedConditionalRamsey: _answer_detuned_conditional_ramsey,
        of_pairs.JointShots: _answer_joint_shots,
        of_pairs.RandomPairSequences: _answer_random_pair_sequences,
    }
)
"""Answers to all requests on couplings."""
