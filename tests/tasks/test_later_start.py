"""Later start of a tone in its program: no effect in the frame of the target."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.errors import AnalysisError
from qdash_core.models.raw_data import RawData
from qdash_tasks.laboratory.limits import Limits, LineLimits, ReadoutLimits
from qdash_tasks.laboratory.pair_requests import PAIR_REQUESTS, LaterCrossResonance
from qdash_tasks.laboratory.pulses import CrossResonanceTone
from qdash_tasks.programs.later_start import (
    LATER,
    choose_wait_ns,
    make_later_request,
    require_phase,
    require_start_independence,
)
from qdash_tasks.programs.pair_parameters import PairParameters

from ..case_tables import each_case
from .laboratory.player import Player

if TYPE_CHECKING:
    from numpy.typing import NDArray

TONE = CrossResonanceTone(0.3)
PAIR = PairParameters(
    control="0",
    target="1",
    shots=1000,
    control_rabi_mhz=100.0,
    target_rabi_mhz=100.0,
    distance_mhz=100.0,
    anharmonicity_mhz=-330.0,
    rise_ns=30.0,
    grid_ns=1.0,
    shortest_pulse_ns=1.0,
    longest_ns=1000.0,
    control_limit=1.0,
    target_limit=1.0,
)
DURATIONS_NS = np.arange(60.0, 900.0, 28.0)
NOISE = 0.03


class WithoutLater(Player):
    """A laboratory with sequences of its own, without the later tone."""

    requests = PAIR_REQUESTS - {LaterCrossResonance}


def paths(durations_ns: NDArray[np.float64], phase_rad: float = 0.0) -> NDArray[np.float64]:
    """Return X, Y, Z of a target rotated either way by a pure tone of 1 MHz with a phase, shape (6, n)."""
    angles = 2e-3 * np.pi * (durations_ns - 30.0)
    rows = [
        [
            sign * np.sin(angles) * np.sin(phase_rad),
            -sign * np.sin(angles) * np.cos(phase_rad),
            np.cos(angles),
        ]
        for sign in (1, -1)
    ]
    return np.array(rows).reshape(6, -1)


def recorded(
    later_phase_rad: float, *, noise: float = NOISE, seed: int = 1, in_plane: float = 1.0
) -> RawData:
    """Return raw data of a tomography and of some of its points with a later start, read along I: 0 at +1, 1
    at -1.

    Parameters
    ----------
    in_plane
        Fraction of X and Y that remains in the mean over shots.
    """
    kept = np.array([in_plane, in_plane, 1.0] * 2)[:, None]
    rng = np.random.default_rng(seed)
    some = make_later_request("pure_1", TONE, DURATIONS_NS, PAIR, 60.0)[f"pure_1_{LATER}"].durations_ns
    found: dict[str, tuple[object, str]] = {}
    states = np.tile([0.0, 1.0], 4)
    for name, axis, x, y in (
        ("reference_pure_1", "state", states, np.tile(1 - 2 * states, (2, 1))),
        ("pure_1", "duration", DURATIONS_NS, kept * paths(DURATIONS_NS)),
        (f"pure_1_{LATER}", "duration", some, kept * paths(some, later_phase_rad)),
    ):
        seen = y + noise * (rng.normal(size=y.shape) + 1j * rng.normal(size=y.shape))
        found |= {f"{name}_{axis}": (x, ""), f"{name}_iq": (seen, "a.u.")}
        found |= {f"{name}_sigma": (np.full(y.shape, noise * (1 + 1j)), "a.u.")}
        found |= {f"{name}_covariance": (np.zeros(y.shape), "a.u.^2")}
    return RawData(found, {"control": "0", "target": "1"})  # type: ignore[arg-type]


@each_case("phase_rad", [np.pi, np.pi / 2, -1.0])
def test_a_tone_whose_phase_changes_with_its_start_is_refused_and_the_check_is_named(
    phase_rad: float,
) -> None:
    with pytest.raises(
        AnalysisError, match=r"starts later.*`qdash lab check CHIP --all --only cross_resonance`"
    ):
        require_start_independence(recorded(phase_rad), "pure_1")


@each_case("noise", [0.01, 0.05, 0.15])
def test_noise_alone_is_never_refused(noise: float) -> None:
    for seed in range(30):
        raw = recorded(0.0, noise=noise, seed=seed)
        require_start_independence(raw, "pure_1")
        require_phase(raw, "pure_1")


def test_a_target_that_leaves_0_without_a_phase_is_refused_and_the_check_is_named() -> None:
    with pytest.raises(
        AnalysisError, match=r"without a defined phase.*`qdash lab check CHIP --all --only cross_resonance`"
    ):
        require_phase(recorded(0.0, in_plane=0.2), "pure_1")


def test_a_target_that_loses_half_of_its_phase_is_not_refused() -> None:
    require_phase(recorded(0.0, in_plane=0.5), "pure_1")


def test_nothing_is_said_where_the_tone_was_not_measured_later() -> None:
    raw = recorded(np.pi)
    kept = {name: array for name, array in raw.arrays.items() if LATER not in name}
    require_start_independence(RawData(kept, raw.attributes), "pure_1")


@each_case(
    ("limits", "grid_ns"),
    [
        (Limits(), 1.0),
        (Limits(usual_line=LineLimits(start_ns=8.0, shortest_gap_ns=48.0)), 8.0),
        (Limits(readout=ReadoutLimits(start_ns=128.0)), 2.0),
    ],
)
@each_case("distance_mhz", [-187.0, -33.0, 7.0, 63.0, 230.0])
def test_both_generators_come_apart_in_a_wait_that_lines_and_readouts_play(
    limits: Limits, grid_ns: float, distance_mhz: float
) -> None:
    wait_ns = choose_wait_ns(Player(limits), replace(PAIR, distance_mhz=distance_mhz, grid_ns=grid_ns))
    assert wait_ns is not None
    assert {limits.gap_on_grid(qid, wait_ns) for qid in "01"} == {wait_ns}
    assert wait_ns % limits.readout.start_ns == 0
    turns = 1e-3 * distance_mhz * wait_ns
    assert abs(turns - round(turns)) > 0.2


def test_a_laboratory_without_the_later_tone_is_not_asked() -> None:
    assert choose_wait_ns(WithoutLater(Limits()), PAIR) is None


def test_only_points_of_the_tomography_are_asked_for_that_its_longest_program_takes() -> None:
    pair = replace(PAIR, longest_ns=500.0)
    durations_ns = make_later_request("pure_1", TONE, DURATIONS_NS, pair, 60.0)["pure_1_later"].durations_ns
    assert {*durations_ns} <= {*DURATIONS_NS}
    assert durations_ns.max() <= 440.0
    assert not make_later_request("pure_1", TONE, DURATIONS_NS, replace(PAIR, longest_ns=100.0), 60.0)
