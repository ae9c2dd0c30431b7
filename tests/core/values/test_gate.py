"""Gate of values: limits, and their tolerance by an error."""

from __future__ import annotations

import pytest

from qdash_core import InvalidInputError, OutputParameter, Parameter
from qdash_core.values.gate import admit

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
