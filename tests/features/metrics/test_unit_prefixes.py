"""Prefixes of units of small and large differences."""

from __future__ import annotations

import pytest

from qdash_builtin.metrics.model import format_difference


@pytest.mark.parametrize(
    ("value", "error", "unit", "text"),
    [
        (5.2e-6, 1.4e-6, "GHz", "5.2(14) kHz"),
        (-0.031, 0.002, "us", "−31(2) ns"),
        (31.0, 4.0, "us", "31(4) µs"),
        (0.31, 0.02, "us", "0.31(2) µs"),
        (2500.0, 200.0, "kHz", "2.5(2) MHz"),
        (0.0, 2e-6, "GHz", "0(2) kHz"),
        (0.002, 0.0003, "%", "0.0020(3) %"),
        (0.002, 0.0003, "", "0.0020(3)"),
    ],
)
def test_frequencies_and_times_have_the_prefix_that_suits_them(
    value: float, error: float, unit: str, text: str
) -> None:
    assert format_difference(value, error, unit) == text


def test_a_rate_keeps_its_time() -> None:
    assert format_difference(-3e-6, 1e-6, "GHz", per="/day") == "−3.0(10) kHz/day"
    assert format_difference(0.02, 0.003, "", per="/day") == "0.020(3) 1/day"
