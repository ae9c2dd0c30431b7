"""Titles of parameters in texts of pages."""

from __future__ import annotations

import pytest

from qdash_builtin.metrics.pages.titles import replace_names


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("t2_star jumped from 91 to 274 us", "T2* jumped from 91 to 274 us"),
        ("t1=88 is above t1.", "t1=88 is above T1."),
        (
            "`qdash lab check CHIP --only t1` of at_t1 in /t1/x",
            "`qdash lab check CHIP --only t1` of at_t1 in /t1/x",
        ),
        ("CheckT1 failed", "CheckT1 failed"),
    ],
)
def test_a_text_has_titles_in_place_of_names_but_not_in_commands_and_paths(text: str, told: str) -> None:
    assert replace_names(text, {"t1": "T1", "t2_star": "T2*"}) == told
