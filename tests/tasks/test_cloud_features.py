"""Features of single shots: known clouds give their distances and shares back."""

from __future__ import annotations

import numpy as np
import pytest

from qdash_tasks.programs.features.clouds import CLOUD_FEATURES, describe_clouds

COUNT = 8000
CENTRES = 4.0 + 1.0j, 1.0 + 5.0j
"""Centres of the clouds in units of their noise, 5 apart."""


def make_shots(excited: float, *, seed: int, lost: float = 0.0, turn_rad: float = 0.0) -> np.ndarray:
    """Return shots with a share of excited ones and a share without signal, in a plane that rotates meanwhile."""
    rng = np.random.default_rng(seed)
    place = np.where(rng.random(COUNT) < excited, CENTRES[1], CENTRES[0])
    place = np.where(rng.random(COUNT) < lost, 0.0, place * np.exp(1j * turn_rad * np.arange(COUNT) / COUNT))
    return place + rng.normal(size=COUNT) + 1j * rng.normal(size=COUNT)


def test_known_clouds_give_their_distance_and_shares() -> None:
    found = describe_clouds(make_shots(0.03, seed=1), make_shots(0.92, seed=2))

    # Standard errors of a share of 8000 shots: 0.002 and 0.003.
    assert found["excited_prep0"] == pytest.approx(0.03, abs=0.01)
    assert found["ground_prep1"] == pytest.approx(0.08, abs=0.015)
    assert found["cloud_separation"] == pytest.approx(5.0, abs=0.15)
    assert found["cloud_signal"] == pytest.approx(abs(CENTRES[0]), abs=0.2)
    assert found["no_signal"] < 0.002
    assert found["cloud_turn_sigmas"] < 5
    assert found.keys() <= CLOUD_FEATURES.keys()


def test_a_pulse_without_effect_leaves_a_signal_without_distance() -> None:
    found = describe_clouds(make_shots(0.01, seed=1), make_shots(0.01, seed=2))

    assert found["cloud_distance"] < 0.1
    assert found["cloud_signal"] > 3
    assert "excited_prep0" not in found


def test_a_dead_readout_leaves_no_signal() -> None:
    rng = np.random.default_rng(1)
    zero, one = (rng.normal(size=COUNT) + 1j * rng.normal(size=COUNT) for _ in range(2))

    assert describe_clouds(zero, one)["cloud_signal"] < 0.1


def test_shots_without_a_trigger_are_a_third_cloud() -> None:
    found = describe_clouds(make_shots(0.03, seed=1, lost=0.06), make_shots(0.92, seed=2, lost=0.06))

    assert found["no_signal"] == pytest.approx(0.06, abs=0.01)


def test_a_drift_of_the_phase_turns_the_shots() -> None:
    turned = describe_clouds(make_shots(0.0, seed=1, turn_rad=0.3), make_shots(0.9, seed=2, turn_rad=0.3))

    # From the middle of the first third to that of the last one.
    assert turned["cloud_turn_deg"] == pytest.approx(np.degrees(0.2), abs=1.0)
    assert turned["cloud_turn_sigmas"] > 6


def test_few_shots_and_shots_without_scatter_have_no_features() -> None:
    few = make_shots(0.0, seed=1)[:20]

    assert describe_clouds(few, few) == {}
    assert describe_clouds(np.ones(200, complex), np.ones(200, complex)) == {}
