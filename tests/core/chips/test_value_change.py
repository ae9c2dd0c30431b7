"""Differences of values between two days."""

from __future__ import annotations

import math

import pytest

from qdash_builtin.values.value_change import ValueChange
from qdash_core.models.chip import ParameterModel


@pytest.mark.parametrize(
    ("before", "after", "unit", "difference"),
    [
        (3.1, -3.1, "rad", math.tau - 6.2),
        (2.553, -2.4341, "rad", math.tau - 4.9871),
        (0.1, 0.3, "rad", 0.2),
        (3.1, -3.1, "ns", -6.2),
    ],
)
def test_a_difference_of_angles_is_within_half_a_turn(
    before: float, after: float, unit: str, difference: float
) -> None:
    values = (ParameterModel(value=value, error=0.3, unit=unit) for value in (before, after))
    found = ValueChange("0", "rabi_angle", *values)
    assert found.difference == pytest.approx(difference)
    assert found.sigmas == pytest.approx(abs(difference) / math.hypot(0.3, 0.3))
