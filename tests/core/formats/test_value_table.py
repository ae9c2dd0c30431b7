"""Table of values, parsed by rows; errors name the row."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qdash_core import InvalidInputError, Parameter
from qdash_core.formats.imported_data import InitialValue, SkippedEntry
from qdash_core.formats.value_table import is_table, read_table

HEAD = "target,parameter,value,error,unit,calibrated_at,remark\n"


def test_a_row_is_a_value_with_what_is_known_of_it() -> None:
    found = read_table(
        HEAD + "Q07,t1,81.5,1.3,us,2026-04-01T07:25:00Z,good\n1-0,static_zz_interaction,0,,MHz,,\n", "v.csv"
    )
    assert found.seeds == {
        "7": {
            "t1": InitialValue(
                Parameter(81.5, 1.3, "us"), "v.csv", "row 2", datetime(2026, 4, 1, 7, 25, tzinfo=UTC)
            )
        },
        "0-1": {"static_zz_interaction": InitialValue(Parameter(0.0, None, "MHz"), "v.csv", "row 3")},
    }
    assert found.not_understood == (SkippedEntry("v.csv", "remark", "no such column is known"),)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("0,t1,,,us,,\n", "v.csv, row 2: could not convert string to float: ''"),
        ("0,t1,much,,us,,\n", "row 2: could not convert"),
        ("0,t1,1,some,us,,\n", "row 2: could not convert"),
        ("zero,t1,1,,us,,\n", "row 2: 'zero' is not a qubit"),
        ("0,,1,,us,,\n", "row 2: it names no parameter"),
        ("0,t1,1,,us,yesterday,\n", "row 2: Invalid isoformat"),
        ("0,t1,1,,us,2026-04-01T07:25:00,\n", "a time without a zone"),
        ("0,t1,1\n", "another number of cells"),
        ("0,t1,1,,us,,,,\n", "another number of cells"),
        ("0,t1,1,,us,,\nQ0,t1,2,,us,,\n", "row 3: t1 of 0 is there already"),
        ('0,"t1,1\n', "is no table of values"),
    ],
)
def test_what_cannot_be_is_refused_with_its_row(rows: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        read_table(HEAD + rows, "v.csv")


def test_a_table_needs_its_columns() -> None:
    assert is_table("kind,target,parameter,value\n")
    assert not is_table("qubit,t1\n")
    with pytest.raises(InvalidInputError, match="no column parameter and no column value"):
        read_table("target\n0\n", "v.csv")
