"""CSV tables: cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io

import pytest

from qdash_builtin.text_pages.csv_tables import make_csv


def test_texts_that_are_no_formula_and_numbers_are_written_as_they_are() -> None:
    text = make_csv(("name", "value"), [("a, b", -1.5), (None, 2)])

    assert [*csv.reader(io.StringIO(text))] == [["name", "value"], ["a, b", "-1.5"], ["", "2"]]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_text_that_spreadsheets_take_for_a_formula_begins_with_an_apostrophe(start: str) -> None:
    text = make_csv(("name",), [(f'{start}HYPERLINK("http://example.org")',)])

    assert [*csv.reader(io.StringIO(text, newline=""))][1] == [f'\'{start}HYPERLINK("http://example.org")']
