"""Plausible changes of values: fractions of the value, or of the distance from a perfect operation."""

from __future__ import annotations

import math

import pytest

from qdash_core.tasks.parameters import OutputParameter
from qdash_core.values.plausible_changes import PlausibleChange, find_plausible_change

FIDELITY = PlausibleChange(2 / 3, ideal=1.0, negligible=0.01)


@pytest.mark.parametrize(
    ("jump", "smallest", "largest"), [(0.6, 4.0, 25.0), (0.1, 9.0, 10.0 / 0.9), (1.5, 0.0, 25.0)]
)
def test_a_fall_and_the_return_from_it_are_judged_alike(jump: float, smallest: float, largest: float) -> None:
    def is_far_from_10(value: float) -> bool:
        return PlausibleChange(jump).is_exceeded(value, 10.0, error=0.0)

    assert not is_far_from_10(smallest + 0.01)
    assert not is_far_from_10(largest - 0.01)
    assert is_far_from_10(largest + 0.01)
    assert is_far_from_10(smallest - 0.01) is (jump < 1)


@pytest.mark.parametrize(
    ("value", "reference", "exceeded"),
    [
        (0.61, 0.99, True),
        (0.94, 0.98, False),
        (0.93, 0.98, True),
        (0.98, 0.6, False),
        (0.9935, 0.9999, False),
    ],
    ids=["lost", "twice the error", "over three times the error", "an improvement", "negligible"],
)
def test_of_a_fidelity_a_growing_infidelity_is_a_loss(value: float, reference: float, exceeded: bool) -> None:
    assert FIDELITY.is_exceeded(value, reference, error=0.0) is exceeded


def test_three_errors_of_the_difference_are_added() -> None:
    assert FIDELITY.is_exceeded(0.93, 0.98, error=0.0010)
    assert not FIDELITY.is_exceeded(0.93, 0.98, error=0.0012)


def test_an_angle_error_may_grow_on_either_side_of_0() -> None:
    angle = PlausibleChange(2 / 3, ideal=0.0, negligible=0.1)
    assert [angle.is_exceeded(value, 0.01, error=0.0) for value in (0.2, -0.2, 0.05)] == [True, True, False]


def test_without_a_limit_no_change_is_exceeded() -> None:
    assert not PlausibleChange(math.inf).is_exceeded(1e9, 0.0, error=0.0)
    assert not PlausibleChange(math.inf).is_exceeded(0.0, 0.0, error=0.0)


def test_the_first_declaration_with_a_change_counts_in_the_unit_of_the_value() -> None:
    declared = [None, OutputParameter(), OutputParameter("%", jump=0.5, ideal=100.0, negligible=1.0)]
    assert find_plausible_change(declared, "") == PlausibleChange(0.5, 1.0, 0.01)
    assert find_plausible_change([None, OutputParameter()], "") is None
