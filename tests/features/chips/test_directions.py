"""Directions that a user lists."""

from __future__ import annotations

import pytest

from qdash_builtin.chips.directions import parse_directions
from qdash_core.errors import InvalidInputError


def test_a_direction_names_the_control_first() -> None:
    assert parse_directions("1-0, Q01-Q02") == {"0-1": "1", "1-2": "1"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sideways", "'sideways' is neither a rule of directions"),
        ("0-1,1-0", "the direction of 0-1 is given twice"),
        ("0-0", "coupled to itself"),
        ("x-1", "is not a qubit"),
    ],
)
def test_a_list_of_directions_that_is_none_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        parse_directions(text)
