"""Agreement of every standard request played through `play` with the closed form of the twin: tests compiler,
solver and twin.

Signals are compared at a thousand million shots, in units of the distance between |0> and |1>. Known
approximations of the closed forms, with their size here:

- pulses omit terms of third order in the drive (`physics.drive`): 5e-5 of the angle of an X180 of 36 ns, which adds up to 0.007
  for 40 of them in superposition, and to 0.003 in a sweep of DRAG coefficients;
- slow detunings do not act during pulses: 0.001 in Ramsey sequences and trains;
- the spread of the amplitude blurs rectangles to first order: 0.01 at 180 MHz, 1e-4 at usual drives;
- the line f02/2 is that of two photons only: 0.06 at its peak below 20 MHz, 0.006 elsewhere;
- tones omit the spread of amplitudes, the decay of leaked population, and the rotation of decoherence during edges: 0.006 after
  0.9 us, 0.01 after eight gates;
- the closed form loses the leakage of a gate, with its phase. Random sequences of 20 two-qubit Cliffords differ by 0.03 each, by
  0.13 if f02/2 of the control is 20 MHz from the target; within 10 MHz (a collision) gates do not agree at all, and qubits
  closer than 100 MHz are not tested here: see `docs/physics-pairs.md`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_analysis import fit_rb
from qdash_fake.devices import load_device
from qdash_fake.physics.draw import draw_chip
from qdash_tasks.laboratory.pair_requests import PAIR_REQUESTS
from qdash_tasks.laboratory.requests import QUBIT_REQUESTS, SimultaneousSequences
from qdash_tasks.laboratory.shots import Shots

from .both_twins import WRONG, BothTwins
from .standard_requests import on_a_coupling, on_a_qubit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import ResetMode

MANY, EACH = 10**9, 20_000
USUAL = 1e-3
ALLOWED = {
    "QubitScan, 20 MHz": 0.06,
    "Chevron, 0.8 of full scale": 0.01,
    "PulseTrain": 0.008,
    "DragScan": 0.003,
    "RandomSequences": 0.004,
    "CrossResonance": 0.006,
    "GateTrain": 0.01,
    "RandomPairSequences": 0.03,
}


def asked_of(twins: BothTwins, target: str) -> tuple[str, Mapping[str, Request]]:
    """Return the target's name and its requests; the first qubit of a coupling is the control."""
    if "-" not in target:
        return target, on_a_qubit(twins.settings(target))
    control, other = target.split("-")
    name = next(name for name in twins.chip.couplings if set(name.split("-")) == {control, other})
    return name, on_a_coupling(control, other, twins.settings(other).drive_frequency_ghz)


def once_each(requests: Mapping[str, Request]) -> Mapping[str, Request]:
    """Return one request of each kind, with every fifth point."""
    first = {type(request): (what, request) for what, request in reversed(requests.items())}
    return {
        what: replace(request, **{request.swept: request.x[::5]}) if request.swept else request
        for what, request in first.values()
    }


def agree(
    twins: BothTwins, name: str, requests: Mapping[str, Request], *, reset: ResetMode = "active"
) -> None:
    """Assert that every request on a target agrees within its tolerance."""
    for what, request in requests.items():
        count = EACH if request.single_shots else MANY
        allowed = next((size for start, size in ALLOWED.items() if what.startswith(start)), USUAL)
        for difference in twins.differences(name, request, Shots(count=count, reset=reset)):
            # There are fewer single shots: five additional standard errors, one in a million.
            assert (np.abs(difference.values) < allowed + 5 * difference.errors).all(), what


@pytest.mark.parametrize("target", ["4", pytest.param("4-5", marks=pytest.mark.slow)])
def test_every_request_gives_the_same(target: str) -> None:
    twins = BothTwins(draw_chip(load_device("jakarta"), 0))
    twins.calibrate(*target.split("-"))
    name, requests = asked_of(twins, target)
    agree(twins, name, once_each(requests))


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("0", marks=pytest.mark.slow),
        *(pytest.param(one, marks=pytest.mark.release) for one in ("13", "12-13", "4-7")),
    ],
)
def test_so_do_their_variants_on_other_qubits(target: str) -> None:
    twins = BothTwins(draw_chip(load_device("guadalupe"), 0))
    twins.calibrate(*target.split("-"))
    agree(twins, *asked_of(twins, target))


@pytest.mark.parametrize(
    ("target", "wrong"),
    [
        *(
            pytest.param(
                "0", wrong, marks=pytest.mark.slow if wrong.startswith("amp") else pytest.mark.release
            )
            for wrong in WRONG
        ),
        *(
            # Wrong settings of a pair are those of its qubits, and one kind suffices.
            pytest.param("5-4", wrong, marks=pytest.mark.release)
            for wrong in WRONG
        ),
    ],
)
def test_so_they_do_with_wrong_settings_and_without_reset(target: str, wrong: str) -> None:
    twins = BothTwins(draw_chip(load_device("jakarta"), 0))
    twins.calibrate(*target.split("-"), wrong=wrong)
    agree(twins, *asked_of(twins, target), reset="passive")


@pytest.mark.release
def test_random_sequences_beside_others_decay_alike() -> None:
    twins = BothTwins(draw_chip(load_device("jakarta"), 0))
    twins.calibrate("4", "5")
    lengths = np.repeat([1.0, 20.0, 100.0, 250.0, 500.0], 40)
    request = SimultaneousSequences(lengths, simultaneous_with=frozenset({"5"}))
    errors = []
    for answer in twins.answers("4", request, Shots(count=EACH, reset="active")):
        share, _ = twins.signal("4", answer)
        survival = np.where(answer.ends, share, 1 - share)
        found = fit_rb(lengths, survival, asymptote=0.5).parameters["error_per_clifford"]
        errors.append((found.value, found.error))
    (closed, one), (played, other) = errors
    assert abs(played - closed) < 4 * np.hypot(one, other)


def test_no_request_is_left_out() -> None:
    twins = BothTwins(draw_chip(load_device("jakarta"), 0))
    twins.calibrate("4")
    every = [*on_a_qubit(twins.settings("4")).values(), *on_a_coupling("4", "5", 5.0).values()]
    assert {type(one) for one in every} | {SimultaneousSequences} == QUBIT_REQUESTS | PAIR_REQUESTS
