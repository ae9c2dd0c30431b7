"""Number and timing of shots, validated on creation."""

from __future__ import annotations

import math
from typing import Any

import pytest

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.shots import Shots

from ..case_tables import each_case


@each_case(
    ("given", "says"),
    [
        *(({"count": count}, "shots: .* is not a positive whole number") for count in (0, -1, 1.5, True)),
        ({"count": 10, "reset": "none"}, "reset: 'none' is neither 'active' nor 'passive'"),
        *(
            ({"count": 10, "interval_us": interval}, "interval_us: .* is not a positive time")
            for interval in (0.0, -1.0, math.inf, math.nan)
        ),
    ],
)
def test_shots_that_nobody_can_take_are_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        Shots(**given)
