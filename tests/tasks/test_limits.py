"""What a laboratory can play, as data."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qdash_tasks.laboratory.limits import Limits, LineLimits


@given(
    ns=st.floats(0.0, 1e6),
    step_ns=st.sampled_from([0.4, 1.0, 2.0, 4.0, 8.0]),
    shortest_ns=st.sampled_from([0.0, 16.0]),
)
def test_a_time_on_the_grid_is_the_next_one_that_can_be_played(
    ns: float, step_ns: float, shortest_ns: float
) -> None:
    limits = Limits(usual_line=LineLimits(start_ns=step_ns, shortest_ns=shortest_ns))
    found = limits.on_grid("0", ns)
    steps = round(found / step_ns)
    assert abs(found - steps * step_ns) < 1e-9 * max(found, 1.0)
    # A millionth of a step is rounding of numbers: 16.0000001 ns are 16 ns.
    assert found >= max(ns, shortest_ns) - 2e-6 * step_ns
    assert found < max(ns, shortest_ns) + step_ns


@given(st.integers(0, 10_000), st.sampled_from([0.4, 1.0, 2.0, 4.0]))
def test_a_time_on_the_grid_stays_where_it_is(steps: int, step_ns: float) -> None:
    limits = Limits(lines={"3": LineLimits(start_ns=step_ns)})
    assert limits.on_grid("3", steps * step_ns) == steps * step_ns


def test_a_line_that_is_not_named_has_the_usual_limits() -> None:
    limits = Limits(lines={"3": LineLimits(start_ns=4.0)}, usual_line=LineLimits(start_ns=2.0))
    assert (limits.line("3").start_ns, limits.line("0").start_ns) == (4.0, 2.0)
