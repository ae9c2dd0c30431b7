"""Tables for people: ids are never wrapped, and no line exceeds the width."""

from __future__ import annotations

import pytest

from qdash_cli.rendering.columns import lay_out

TASK_ID = "a5f2b5cb-4d97-4320-ad61-e5518402b6b6"
NAMES = ("task", "target", "message", "id")
ROWS = [
    ("CheckResonatorSpectroscopy", "0-1", "no dip was found in the whole of the range", TASK_ID),
    ("CheckT1", "12", "", TASK_ID),
]


def test_without_a_width_a_row_is_a_line() -> None:
    assert lay_out(NAMES, ROWS, fold=("message",)) == [
        "task                        target  message                                     id",
        "─" * 116,
        f"CheckResonatorSpectroscopy  0-1     no dip was found in the whole of the range  {TASK_ID}",
        f"CheckT1                     12                                                  {TASK_ID}",
    ]


def test_a_message_is_folded_between_words() -> None:
    lines = lay_out(NAMES, ROWS, fold=("message",), width=100)

    assert lines[2:] == [
        f"CheckResonatorSpectroscopy  0-1     no dip was found in the     {TASK_ID}",
        "                                    whole of the range",
        f"CheckT1                     12                                  {TASK_ID}",
    ]


def test_what_does_not_fit_beside_goes_below_its_row() -> None:
    assert lay_out(NAMES, ROWS, fold=("message",), width=60) == [
        "task                        target  message",
        "─" * 60,
        "CheckResonatorSpectroscopy  0-1     no dip was found in the",
        "                                    whole of the range",
        f"    id: {TASK_ID}",
        "CheckT1                     12",
        f"    id: {TASK_ID}",
    ]


@pytest.mark.parametrize("width", [1, 20, 40, 79, 80, 81, 120])
def test_no_word_is_broken_at_any_width(width: int) -> None:
    drawn = "\n".join(lay_out(NAMES, ROWS, fold=("message",), width=width))

    for word in (" ".join(cell for row in ROWS for cell in row)).split():
        assert word in drawn


def test_an_empty_column_is_left_out_and_a_wide_character_counts_twice() -> None:
    assert lay_out(("a", "b", "c"), [("測定", "", "1"), ("x", "", "2")]) == [
        "a     c",
        "───────",
        "測定  1",
        "x     2",
    ]
