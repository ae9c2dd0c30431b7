"""CSV tables, parsed within limits."""

from __future__ import annotations

import pytest

from qdash_builtin.exchange.csv_parser import parse_csv
from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import CsvLimits

SMALL = CsvLimits(size=40, rows=2, columns=3, cell=5)


def test_rows_have_the_number_of_their_last_line() -> None:
    columns, rows = parse_csv('a,b\n\n1,"x\ny"\n3,4\n')

    assert columns == ["a", "b"]
    assert rows == [(4, {"a": "1", "b": "x\ny"}), (5, {"a": "3", "b": "4"})]


def test_a_table_without_a_line_has_no_columns() -> None:
    assert parse_csv("") == ([], [])


@pytest.mark.parametrize(
    ("inside", "beyond", "said"),
    [
        ("a\n" + "\n" * 38, "a\n" + "\n" * 39, "a table of 41 bytes: the limit is 40 bytes"),
        ("a\n1\n2\n", "a\n1\n2\n3\n", "more than 2 rows"),
        ("a,b,c\n", "a,b,c,d\n", "row 1: 4 columns: the limit is 3"),
        ("a\n12345\n", "a\n123456\n", "row 2: a cell of more than 5 characters"),
    ],
)
def test_a_limit_is_named_with_its_number(inside: str, beyond: str, said: str) -> None:
    parse_csv(inside, limits=SMALL)

    with pytest.raises(InvalidInputError, match=said):
        parse_csv(beyond, limits=SMALL)


@pytest.mark.parametrize("text", ["a,b\n1\n", "a\n1,2\n", 'a\n"1', 'a\n"1"2\n', f'a\n"{"x" * 200_000}"\n'])
def test_what_is_no_table_is_refused_with_its_row(text: str) -> None:
    with pytest.raises(InvalidInputError, match="row 2"):
        parse_csv(text)
