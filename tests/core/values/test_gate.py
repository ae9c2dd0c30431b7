"""Gate of values: limits, and their tolerance by an error."""

from __future__ import annotations

import pytest

from qdash_core import InvalidInputError, OutputParameter, Parameter
from qdash_core.values.gate import admit, describe_long_t2

FIDELITY = OutputParameter(minimum=0.0, maximum=1.0)
T1 = OutputParameter(unit="us", minimum=0.0, positive=True)


@pytest.mark.parametrize(
    ("value", "error", "is_possible"),
    [
        (1.0, None, True),
        (1.0004, None, False),
        (1.0004, 0.0002, True),
        (1.0007, 0.0002, False),
        (1.4, 0.2, True),
        (98.5, 40.0, False),
    ],
)
def test_an_estimate_may_exceed_a_limit_by_three_errors_but_never_by_half_the_distance(
    value: float, error: float | None, is_possible: bool
) -> None:
    given = Parameter(value, error)
    if is_possible:
        assert admit("fidelity", given, FIDELITY) == given
    else:
        with pytest.raises(InvalidInputError, match=f"fidelity = {value:g} is above its maximum of 1$"):
            admit("fidelity", given, FIDELITY)


@pytest.mark.parametrize(("value", "side"), [(0.0, "not above"), (-5.0, "below")])
def test_no_error_excuses_a_decay_time_of_zero(value: float, side: str) -> None:
    with pytest.raises(InvalidInputError, match=f"t1 = {value:g}.µs is {side} its minimum of 0.µs$"):
        admit("t1", Parameter(value, 10.0, "us"), T1)


def test_limits_are_those_of_the_declared_unit() -> None:
    assert admit("fidelity", Parameter(98.5, 0.5, "%"), FIDELITY) == Parameter(0.985, 0.005, "")
    with pytest.raises(InvalidInputError, match=r"fidelity = 1\.5 is above"):
        admit("fidelity", Parameter(150.0, None, "%"), FIDELITY)


def test_an_echo_time_above_twice_t1_is_a_contradiction() -> None:
    values = {"t1": Parameter(100.0, 3.0, "us"), "t2_echo": Parameter(212.0, 8.0, "us")}
    assert describe_long_t2(values) == "t2_echo of 212 µs is above twice the t1 of 100 µs, by 1.2 errors"
    assert describe_long_t2(values, beyond=True) is None
    assert describe_long_t2({"t1": values["t1"]}) is None
    in_ms = {**values, "t1": Parameter(0.1, 0.003, "ms")}
    assert describe_long_t2(in_ms) == describe_long_t2(values)
    assert describe_long_t2({**values, "t1": Parameter(5.0, None, "MHz")}) is None
    assert describe_long_t2({**values, "t2_echo": Parameter(200.0, 8.0, "us")}) is None
