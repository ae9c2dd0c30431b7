"""Features of measurements of two qubits: which of them is not read, or not prepared."""

from __future__ import annotations

import numpy as np
import pytest

from qdash_core.models.raw_data import RawData
from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.features.pairs import (
    FRINGE_FEATURES,
    REFERENCE_FEATURES,
    describe_fringes,
    describe_paths,
    describe_references,
)

NOISE = 0.01


def make_reference(*, control: tuple[complex, complex], target: tuple[complex, complex], name: str) -> dict:
    """Return the arrays of one readout of the prepared states, four times each."""
    rng = np.random.default_rng(3)
    states = np.tile([0.0, 1.0], 4)
    iq = np.stack([np.where(states == 0, *places) for places in (control, target)])
    noise = NOISE * (rng.normal(size=iq.shape) + 1j * rng.normal(size=iq.shape))
    return {
        f"reference_{name}_state": (states, ""),
        f"reference_{name}_iq": (iq + noise, "a.u."),
        f"reference_{name}_sigma": (np.full(iq.shape, NOISE * (1 + 1j)), "a.u."),
        f"reference_{name}_covariance": (np.zeros(iq.shape), "a.u.^2"),
    }


def test_a_pulse_without_effect_and_a_dead_readout_are_told_apart() -> None:
    raw = RawData(make_reference(control=(1.0, 1.0), target=(0.0, 0.0), name="round_1"))
    found = describe_references(raw)

    assert found["control_signal"] > 50
    assert found["control_contrast"] < 0.05
    assert found["target_signal"] < 5
    assert "target_contrast" not in found
    assert found.keys() <= REFERENCE_FEATURES.keys()


def test_a_rotation_between_two_calls_is_seen() -> None:
    turned = np.exp(0.4j)
    raw = RawData(
        {
            **make_reference(control=(1.0, 2.0), target=(1.0, 2.0), name="round_1"),
            **make_reference(control=(1.0, 2.0), target=(turned, 2 * turned), name="round_2"),
        }
    )
    found = describe_references(raw)

    assert found["target_turn_deg"] == pytest.approx(np.degrees(0.4), abs=2.0)
    assert found["control_turn_deg"] < 2.0


def test_raw_data_without_a_reference_have_no_features() -> None:
    assert describe_references(RawData({})) == {}


def test_equal_fringes_do_not_depend_on_the_control() -> None:
    x = np.linspace(0.0, 4.0, 81)

    def make_fringe(frequency: float) -> Trace:
        iq = np.cos(2 * np.pi * frequency * x).astype(complex)
        return Trace(x, iq, np.full(x.size, NOISE * (1 + 1j)), np.zeros(x.size))

    same = describe_fringes(make_fringe(1.0), make_fringe(1.0))
    other = describe_fringes(make_fringe(1.0), make_fringe(1.3))

    assert same["fringe_difference"] < 0.01 < 0.2 < other["fringe_difference"]
    assert same["fringe_ratio"] == pytest.approx(1.0)
    assert other.keys() <= FRINGE_FEATURES.keys()


def test_a_target_at_rest_does_not_move_and_is_pure() -> None:
    rest = np.zeros((6, 11))
    rest[[2, 5]] = 1.0

    assert describe_paths(rest) == {"path_length": 1.0, "path_difference": 0.0, "path_movement": 0.0}
