"""Onsets of failures: between the last success and the first failure since, and whether two can be the same event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qdash_builtin.explanations.onsets import Onset, find_onset

MONDAY = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


def at(hours: float | None) -> datetime | None:
    return None if hours is None else MONDAY + timedelta(hours=hours)


def test_a_failure_began_after_the_last_success_and_by_the_first_failure_since() -> None:
    before = [(at(48), False), (at(24), False), (at(0), True), (at(-24), False)]
    assert find_onset(at(72), before) == Onset(at(0), at(24))


def test_a_task_that_never_succeeded_may_have_failed_for_ever() -> None:
    assert find_onset(at(24), [(at(0), False)]) == Onset(None, at(0))
    assert find_onset(at(24), []) == Onset(None, at(24))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((0, 24), (0.1, 24.1), True),
        ((0, 24), (24, 48), False),
        ((0, 24), (10, 11), True),
        ((0, 24), (23.9, 48), False),
        ((0, 24), (None, 24), True),
        ((24, 48), (None, 24.1), False),
        ((None, 24), (None, 48), True),
        ((0, None), (10, 12), True),
    ],
)
def test_two_failures_are_one_event_if_they_can_have_begun_together(
    one: tuple[float | None, float | None], other: tuple[float | None, float | None], same: bool
) -> None:
    first, second = (Onset(at(after), at(by)) for after, by in (one, other))
    assert first.overlaps(second) is same
    assert second.overlaps(first) is same
