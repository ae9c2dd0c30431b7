"""Suggestions of known names for an unknown one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.parsing.similar_names import find_similar, suggest

FLOWS = ("bring-up", "check", "fine-tune", "full", "rough", "two-qubit")


@pytest.mark.parametrize("name", ["bringup", "bring_up", "Bring-Up", "BRING UP", "brinup"])
def test_a_name_with_another_case_or_separator_is_suggested(name: str) -> None:
    assert suggest(name, FLOWS) == "; did you mean 'bring-up'?"


@given(st.sampled_from(FLOWS), st.data())
def test_case_and_separators_make_no_difference(name: str, data: st.DataObject) -> None:
    written = "".join(
        data.draw(st.sampled_from(["", "-", "_", " "]))
        if letter == "-"
        else data.draw(st.sampled_from([letter, letter.upper()]))
        for letter in name
    )
    assert find_similar(written, FLOWS)[0] == name


def test_names_that_differ_only_in_separators_are_all_suggested() -> None:
    assert find_similar("TEST CHIP", ["test-chip", "test_chip", "other"], n=2) == ["test-chip", "test_chip"]


def test_without_a_similar_name_there_is_no_suggestion() -> None:
    assert suggest("zzz", FLOWS) == suggest("zzz", []) == suggest("", FLOWS) == ""
    assert suggest("zzz", FLOWS, otherwise="; see the list") == "; see the list"
