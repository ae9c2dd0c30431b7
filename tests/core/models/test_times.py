"""Display of durations, in tables and in notices."""

from __future__ import annotations

import pytest

from qdash_core.models.times import format_duration


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "0.0 s"),
        (4.0, "4.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (192.3, "3 min 12 s"),
        (3599.6, "1 h"),
        (4320, "1 h 12 min"),
        (3 * 3600 + 20, "3 h"),
        (51 * 3600, "2 d 3 h"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float, said: str) -> None:
    assert format_duration(seconds) == said


def test_an_estimate_of_seconds_has_no_decimals() -> None:
    assert format_duration(4.4, whole=True) == "4 s"
