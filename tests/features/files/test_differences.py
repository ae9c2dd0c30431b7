"""Differences of texts, within limits of time."""

from __future__ import annotations

import pytest

from qdash_builtin.files.differences import make_difference
from qdash_core.errors import InvalidInputError

NAMES = ("before", "after")


def test_texts_that_would_be_compared_for_minutes_are_refused() -> None:
    lines = [f"{number % 101}\n" for number in range(19_000)]
    with pytest.raises(InvalidInputError, match="before and after have too many equal lines"):
        make_difference("".join(lines).encode(), "".join([*lines, "end\n"]).encode(), names=NAMES)


def test_a_long_text_with_a_popular_line_is_compared() -> None:
    lines = [line for number in range(9000) for line in (f"Q{number}:\n", "  error: null\n")]
    before = "".join(lines).encode()
    found = make_difference(before, before.replace(b"Q8000:", b"Q8000: 1"), names=NAMES)
    assert [line for line in found.splitlines() if line.startswith(("-Q", "+Q"))] == ["-Q8000:", "+Q8000: 1"]
