"""Requests as data, validated on creation."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory import pair_requests, requests
from qdash_tasks.laboratory.limits import Limits, LineLimits, ReadoutLimits
from qdash_tasks.laboratory.pair_requests import (
    ConditionalRamsey,
    CrossResonance,
    DetunedConditionalRamsey,
    GateTrain,
    JointShots,
    LaterCrossResonance,
    PairRequest,
    RandomPairSequences,
    ReadoutReferences,
)
from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone, Pulse
from qdash_tasks.laboratory.request import Request
from qdash_tasks.laboratory.requests import (
    Chevron,
    DetunedRamsey,
    DragScan,
    Echo,
    PulseTrain,
    QubitScan,
    Rabi,
    RabiAmplitude,
    Ramsey,
    RandomSequences,
    ReadoutScan,
    ReadoutWaveform,
    Relaxation,
    SimultaneousSequences,
    SingleShots,
)

from ..case_tables import each_case

if TYPE_CHECKING:
    from collections.abc import Callable

PULSE = Pulse(0.2, 40.0)
TONE = CrossResonanceTone(0.3, cancel_amplitude=0.02, rotary_amplitude=-0.05)
GATE = ZX90(TONE, 200.0)

OF_A_SWEEP: dict[type[Request], Callable[[Any], Request]] = {
    ReadoutScan: ReadoutScan,
    ReadoutWaveform: lambda x: ReadoutWaveform(x, window_ns=10.0),
    QubitScan: lambda x: QubitScan(x, amplitude=0.1),
    Rabi: Rabi,
    RabiAmplitude: lambda x: RabiAmplitude(x, duration_ns=40.0),
    Chevron: lambda x: Chevron(x, np.array([4.9, 5.0])),
    Relaxation: Relaxation,
    Ramsey: lambda x: Ramsey(x, detuning_mhz=-1.0),
    DetunedRamsey: lambda x: DetunedRamsey(x, detuning_mhz=-1.0, frequency_ghz=5.0),
    Echo: Echo,
    PulseTrain: lambda x: PulseTrain(x, PULSE),
    DragScan: lambda x: DragScan(x, PULSE, pairs=2),
    RandomSequences: RandomSequences,
    SimultaneousSequences: SimultaneousSequences,
    CrossResonance: lambda x: CrossResonance("0", "1", x, TONE),
    LaterCrossResonance: lambda x: LaterCrossResonance("0", "1", x, TONE, wait_ns=60.0),
    GateTrain: lambda x: GateTrain("0", "1", x, GATE, control_state=1),
    ConditionalRamsey: lambda x: ConditionalRamsey("0", "1", x, control_state=0, detuning_mhz=1.0),
    DetunedConditionalRamsey: lambda x: DetunedConditionalRamsey("0", "1", x, 0, -3.0, frequency_ghz=5.0),
    RandomPairSequences: lambda x: RandomPairSequences("0", "1", x),
}
WITHOUT_SWEEP: dict[type[Request], Callable[[], Request]] = {
    SingleShots: lambda: SingleShots(1),
    ReadoutReferences: lambda: ReadoutReferences("0", "1"),
    JointShots: lambda: JointShots("0", "1", "bell", "XY"),
}


def test_these_are_all_kinds_of_measurement() -> None:
    classes = {
        kind
        for module in (requests, pair_requests)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Request) and kind not in (Request, PairRequest)
    }
    assert classes == {*OF_A_SWEEP, *WITHOUT_SWEEP}


@each_case("kind", OF_A_SWEEP)
def test_a_sweep_is_kept_as_an_array_that_nobody_changes(kind: type[Request]) -> None:
    given_values = np.array([1.0, 2.0, 5.0])
    request = OF_A_SWEEP[kind](given_values)
    given_values[0] = 7.0
    assert request.x.tolist() == [1.0, 2.0, 5.0]
    with pytest.raises(ValueError, match="read-only"):
        request.x[0] = 3.0
    with pytest.raises(FrozenInstanceError):
        setattr(request, kind.swept, given_values)


@each_case("kind", OF_A_SWEEP)
@each_case("x", [[], [1.0, np.nan], [np.inf], [[1.0, 2.0]], 3.0, ["a"], [[1.0], [1.0, 2.0]]])
def test_what_is_no_sweep_is_refused_by_the_name_of_its_field(kind: type[Request], x: object) -> None:
    with pytest.raises(InvalidInputError, match=f"^{kind.swept}: "):
        OF_A_SWEEP[kind](x)


@each_case("kind", OF_A_SWEEP)
def test_only_a_drag_coefficient_may_be_negative(kind: type[Request]) -> None:
    if kind is DragScan:
        assert OF_A_SWEEP[kind]([-1.0, 1.0]).x[0] == -1.0
        return
    with pytest.raises(InvalidInputError, match="negative"):
        OF_A_SWEEP[kind]([-1.0, 1.0])


@each_case("kind", [PulseTrain, RandomSequences, GateTrain, RandomPairSequences])
def test_pulses_gates_and_cliffords_come_in_whole_numbers(kind: type[Request]) -> None:
    with pytest.raises(InvalidInputError, match="whole numbers"):
        OF_A_SWEEP[kind]([1.0, 2.5])


@each_case(
    ("kind", "axis"),
    {
        ReadoutScan: ("frequency", "GHz"),
        ReadoutWaveform: ("time", "ns"),
        QubitScan: ("frequency", "GHz"),
        Rabi: ("duration", "ns"),
        RabiAmplitude: ("amplitude", "a.u."),
        Chevron: ("duration", "ns"),
        Relaxation: ("delay", "us"),
        Ramsey: ("delay", "us"),
        DetunedRamsey: ("delay", "us"),
        Echo: ("delay", "us"),
        PulseTrain: ("pulses", ""),
        DragScan: ("beta", "ns"),
        RandomSequences: ("length", "Cliffords"),
        SimultaneousSequences: ("length", "Cliffords"),
        CrossResonance: ("duration", "ns"),
        LaterCrossResonance: ("duration", "ns"),
        GateTrain: ("gates", ""),
        ConditionalRamsey: ("delay", "us"),
        DetunedConditionalRamsey: ("delay", "us"),
        RandomPairSequences: ("length", "Cliffords"),
        ReadoutReferences: ("state", ""),
    }.items(),
)
def test_raw_data_keep_the_sweep_under_this_name_and_unit(kind: type[Request], axis: tuple[str, str]) -> None:
    assert kind.axis == axis


@given(st.lists(st.integers(0, 50).map(float), min_size=1, max_size=20), st.integers(1, 5))
def test_the_shape_of_the_answer_follows_from_the_request(x: list[float], shots: int) -> None:
    n = len(x)
    shapes = {kind: make(x).shape(shots) for kind, make in OF_A_SWEEP.items()}
    tomography = (CrossResonance, LaterCrossResonance)
    special = {Chevron: (2, n), RandomPairSequences: (2, n), **dict.fromkeys(tomography, (6, n))}
    assert shapes == {kind: special.get(kind, (n,)) for kind in OF_A_SWEEP}
    points = {kind: make(x).points for kind, make in OF_A_SWEEP.items()}
    assert points == {
        kind: {Chevron: 2 * n, **dict.fromkeys(tomography, 6 * n)}.get(kind, n) for kind in OF_A_SWEEP
    }
    assert WITHOUT_SWEEP[SingleShots]().shape(shots) == (shots,)
    assert WITHOUT_SWEEP[JointShots]().shape(shots) == (shots, 2)
    assert WITHOUT_SWEEP[ReadoutReferences]().shape(shots) == (2, 2)


@each_case(
    ("make", "names"),
    [
        (lambda: ReadoutScan([7.0], state=2), "state"),
        (lambda: ReadoutScan([7.0], state=True), "state"),
        (lambda: SingleShots(None), "state"),
        (lambda: SingleShots(0, amplitude=-0.1), "amplitude"),
        (lambda: QubitScan([5.0], amplitude=np.inf), "amplitude"),
        (lambda: Rabi([8.0], amplitude="full"), "amplitude"),
        (lambda: RabiAmplitude([0.1], duration_ns=0.0), "duration_ns"),
        (lambda: Chevron([8.0], []), "frequencies_ghz"),
        (lambda: Ramsey([1.0], detuning_mhz=np.nan), "detuning_mhz"),
        (lambda: DetunedRamsey([1.0], 1.0, frequency_ghz=0.0), "frequency_ghz"),
        (lambda: DetunedConditionalRamsey("0", "1", [1.0], 0, 1.0, frequency_ghz=0.0), "frequency_ghz"),
        (lambda: LaterCrossResonance("0", "1", [100.0], TONE, wait_ns=0.0), "wait_ns"),
        (lambda: PulseTrain([1.0], PULSE, start="excited"), "start"),
        (lambda: DragScan([0.1], PULSE, pairs=0), "pairs"),
        (lambda: RandomSequences([3.0], interleaved="Y90"), "interleaved"),
        (lambda: GateTrain("0", "1", [1.0], GATE, control_state=2), "control_state"),
        (lambda: JointShots("0", "1", "cat"), "prepare"),
        (lambda: JointShots("0", "1", "00", "XA"), "bases"),
    ],
)
def test_what_cannot_be_measured_is_refused_by_name(make: Callable[[], Request], names: str) -> None:
    with pytest.raises(InvalidInputError, match=f"^{names}: "):
        make()


def test_a_request_names_what_it_plays_beyond_the_settings_in_use() -> None:
    assert Rabi([8.0]).largest_amplitudes("0") == {}
    assert Rabi([8.0], amplitude=0.4).largest_amplitudes("0") == {"0": 0.4}
    assert RabiAmplitude([0.1, 0.7], duration_ns=40.0).largest_amplitudes("0") == {"0": 0.7}
    assert PulseTrain([1.0], PULSE).largest_amplitudes("3") == {"3": 0.2}
    assert JointShots("1", "0", prepare="bell").largest_amplitudes("0-1") == {}
    bell = JointShots("1", "0", prepare="bell", gate=ZX90(TONE, 200.0)).largest_amplitudes("0-1")
    both = CrossResonance("1", "0", [100.0], TONE).largest_amplitudes("0-1")
    assert bell == both
    assert both == {"1": 0.3, "0": pytest.approx(0.07)}
    assert Relaxation([2.0, 50.0]).longest_ns == 50_000.0
    assert PulseTrain([1.0, 8.0], PULSE).longest_ns == 320.0
    assert RandomSequences([10.0]).longest_ns == 0.0


GUARDED = Limits(usual_line=LineLimits(start_ns=4.0), readout=ReadoutLimits(start_ns=8.0, guard_ns=128.0))


def test_points_that_limits_make_equal_are_measured_once() -> None:
    x = np.array([0.0, 0.05, 0.13, 0.132, 1.0])
    assert Relaxation(x).without_repeats(GUARDED, "0").x.tolist() == [0.0, 0.13, 1.0]
    assert Echo(x).without_repeats(GUARDED, "0").x.tolist() == [0.0, 0.05, 0.13, 1.0]
    chevron = Chevron(np.array([38.0, 39.0, 41.0]), np.array([4.9, 5.0])).without_repeats(GUARDED, "0")
    assert (chevron.x.tolist(), chevron.rows.tolist()) == ([38.0, 41.0], [4.9, 5.0])


def test_a_request_without_repeats_of_the_limits_stays_as_it_is() -> None:
    for request in (
        Relaxation(np.array([0.0, 0.2, 0.3])),
        RandomSequences(np.array([1.0, 1.0, 8.0, 8.0])),
        ReadoutReferences("0", "1", repeats=3),
        SingleShots(1),
    ):
        assert request.without_repeats(GUARDED, "0") is request
