"""Time left: unknown at first, right once it is shown, and unknown again while the pace changes."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import pytest

from qdash_core.runs.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Sequence

DEMO = 320 * [0.05]


def add_up(*lengths_s: float) -> list[float]:
    """Return the ends of items of these lengths, one after another, in seconds."""
    return list(accumulate(lengths_s))


def list_estimates(ends: Sequence[float]) -> list[tuple[float, float, float | None]]:
    """Return the time, the true time left and the estimate, in seconds, at the end of each item but the last."""
    pace = Pace()
    found = []
    for done, end in enumerate(ends[:-1], 1):
        pace.record(end, done)
        found.append((end, ends[-1] - end, pace.estimate_left_s(len(ends) - done, end)))
    return found


@pytest.mark.parametrize(
    ("ends", "known_after_s"),
    [
        pytest.param(add_up(2.0, *DEMO), 6.0, id="results after the start of a process"),
        pytest.param(add_up(*[0.0004] * 30_000), 4.0, id="documents of a store"),
        pytest.param(add_up(*[600.0] * 20), 1_800.0, id="slow measurements"),
    ],
)
def test_time_left_is_unknown_at_first_and_then_right(ends: list[float], known_after_s: float) -> None:
    estimates = list_estimates(ends)
    assert [found for _, _, found in estimates[:2]] == [None, None]
    for time_s, true_s, found in estimates:
        assert found == pytest.approx(true_s) if time_s >= known_after_s else found is None or time_s > 2.0


def test_items_that_end_together_count_as_one_moment() -> None:
    ends = [10.0 * group + 0.001 * one for group in range(1, 13) for one in range(27)]
    estimates = list_estimates(ends)
    known = [(true_s, found) for _, true_s, found in estimates if found is not None]
    assert len(known) > 200
    assert all(abs(found - true_s) <= max(15.0, true_s) for true_s, found in known)


def test_after_a_change_of_pace_it_is_unknown_until_the_new_pace_has_lasted_as_long() -> None:
    estimates = list_estimates(add_up(0.3, *[0.1] * 40, *[5.0] * 40))
    after = [(true_s, found) for time_s, true_s, found in estimates if time_s > 5.0]
    assert None in [found for _, found in after[:4]]
    assert [found for true_s, found in after[8:]] == [
        None if found is None else pytest.approx(true_s, rel=0.55) for true_s, found in after[8:]
    ]
    assert after[-1][1] == pytest.approx(5.0, rel=0.55)


def test_the_time_left_of_overdue_items_is_unknown() -> None:
    pace = Pace()
    for done in range(1, 11):
        pace.record(10.0 * done, done)
    assert pace.estimate_left_s(2, 100.0) == pytest.approx(20.0)
    assert pace.estimate_left_s(2, 115.0) == pytest.approx(5.0)
    assert pace.estimate_left_s(2, 121.0) is None
    assert pace.estimate_left_s(0, 121.0) == 0.0
