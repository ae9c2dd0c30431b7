"""Searches that run out of rounds: the result is the last measured value, not the next candidate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_tasks.laboratory.limits import LineLimits
from qdash_tasks.laboratory.pulses import Pulse
from qdash_tasks.laboratory.requests import DragScan, PulseTrain
from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.drag_search import find_beta
from qdash_tasks.programs.pulse_trains import HALF_PI, calibrate_amplitude

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.programs.measurement_calls import MeasurementCall

NOISE = 1e-3
PULSE = Pulse(0.1, 40.0)


def played_out(
    program: Generator[MeasurementCall, Any, Any], answer: Callable[[Any], Any]
) -> tuple[list[Request], Any]:
    """Run a program with a given signal; return the requests of each round, and the result."""
    rng = np.random.default_rng(1)
    rounds: list[Request] = []
    answers = None
    while True:
        try:
            ask = program.send(answers)
        except StopIteration as end:
            return rounds, end.value
        rounds.append(list(ask.requests.values())[-1])
        answers = {}
        for name, request in ask.requests.items():
            size = request.x.size
            iq = answer(request) + NOISE * (rng.normal(size=size) + 1j * rng.normal(size=size))
            answers[name] = Trace(request.x, iq, np.full(size, NOISE * (1 + 1j)), np.zeros(size))


def test_a_train_whose_correction_does_nothing_returns_the_pulse_of_the_last_one() -> None:
    def turns_too_far(request: PulseTrain) -> Any:
        return -np.cos(request.counts * 1.03 * math.pi / 2).astype(complex)

    rounds, last = played_out(
        calibrate_amplitude(HALF_PI, PULSE, LineLimits(), 1000, known=True), turns_too_far
    )
    amplitudes = [one.pulse.amplitude for one in rounds if isinstance(one, PulseTrain)]
    assert len(amplitudes) > 3
    assert len(set(amplitudes)) == len(amplitudes)
    assert last.amplitude == amplitudes[-1]


def test_a_drag_optimum_that_moves_away_is_returned_with_the_window_of_the_last_sweep() -> None:
    def optimum_at_the_edge(request: DragScan | PulseTrain) -> Any:
        if isinstance(request, PulseTrain):  # measured with every sweep, to distinguish |0> from |1>
            return -np.cos(request.counts * math.pi / 2).astype(complex)
        centre, half = request.betas_ns.mean(), np.ptp(request.betas_ns) / 2
        off = (request.betas_ns - centre - 0.8 * half) * math.pi**2 / 2 / request.pulse.length_ns
        return -np.cos(request.pairs * off).astype(complex)

    rounds, (window, beta) = played_out(
        find_beta(HALF_PI, PULSE, 0.27, 1000, known=True), optimum_at_the_edge
    )
    last = rounds[-1]
    assert isinstance(last, DragScan)
    assert len(rounds) > 3
    assert beta is not None
    assert window.centre_ns == pytest.approx(last.betas_ns.mean())
    assert window.both_pairs[1] == last.pairs
