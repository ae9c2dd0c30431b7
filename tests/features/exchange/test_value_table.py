"""Table of values, parsed by rows; errors name the row."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.exchange.formats.value_table import is_table, read_table
from qdash_builtin.exchange.views.chip_formats import CsvFormat
from qdash_core import InvalidInputError, Parameter
from qdash_core.hooks.imported_data import InitialValue, SkippedEntry

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = "target,parameter,value,error,unit\n0,t1,45.2,0.8,us\n1,t1,8.4185,1e-3,us\n"
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
        ("0,t1,,,us,,\n", "v.csv, row 2: value '' is not a number"),
        ("0,t1,much,,us,,\n", "row 2: value 'much' is not a number"),
        ("0,t1,1,some,us,,\n", "row 2: error 'some' is not a number"),
        ("zero,t1,1,,us,,\n", "row 2: 'zero' is not a qubit"),
        ("0,,1,,us,,\n", "row 2: it names no parameter"),
        ("0,t1,1,,us,yesterday,\n", "row 2: Invalid isoformat"),
        ("0,t1,1,,us,2026-04-01T07:25:00,\n", "a time without a zone"),
        ("0,t1,1\n", "another number of cells"),
        ("0,t1,1,,us,,,,too many\n", "another number of cells"),
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


@pytest.mark.parametrize(
    "table",
    [
        "\ufeff" + PLAIN,
        "\ufeff" + PLAIN.replace("\n", "\r\n"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        "\ufeffsep=;\r\n" + PLAIN.replace(",", ";"),
        PLAIN.replace(",", ";").replace(".", ","),
        PLAIN.replace("\n", ",,\n") + ",,,,,,\n,,,,,,\n",
        "Target, Parameter ,VALUE,Error,Unit\n0,t1,45.2,0.8,us\n1,t1,8.4185,1e-3,us\n",
        '"target","parameter","value","error","unit"\n"0","t1","45.2","0.8","us"\n"1","t1","8.4185","1e-3","us"\n',
        "Qubit,Name,Value [us],Sigma\nQ00,t1,45.2,0.8\nQ01,t1,8.4185,1e-3\n",
        "target,parameter,value (us),error (us)\n0,t1,45.2,0.8\n1,t1,8.4185,1e-3\n",
    ],
    ids=[
        "byte order mark",
        "Excel's UTF-8",
        "semicolons",
        "tabs",
        "named separator",
        "decimal commas",
        "empty columns and rows",
        "upper case and blanks",
        "LibreOffice, all quoted",
        "other names",
        "unit in the header",
    ],
)
def test_a_table_of_a_spreadsheet_is_read(tmp_path: Path, table: str) -> None:
    file = tmp_path / "v.csv"
    file.write_text(table, encoding="utf-8", newline="")
    assert CsvFormat().reads(file)
    found = CsvFormat().read(file, None)
    values = {target: by_name["t1"].parameter for target, by_name in found.seeds.items()}
    assert values == {"0": Parameter(45.2, 0.8, "us"), "1": Parameter(8.4185, 1e-3, "us")}
    assert found.not_understood == ()


@pytest.mark.parametrize(
    ("delimiter", "number"),
    [
        (",", '"45,2"'),
        (";", "1.234,5"),
        (";", "1,234,567"),
        (",", "1_000"),
        (",", "nan"),
        (",", "#N/A"),
        (",", "1 2"),
    ],
)
def test_a_number_that_can_be_read_in_two_ways_or_in_none_is_refused(delimiter: str, number: str) -> None:
    row = delimiter.join(("0", "t1", number, "us"))
    with pytest.raises(InvalidInputError, match=r"row 2: value .* is not a number"):
        read_table(delimiter.join(("target", "parameter", "value", "unit")) + f"\n{row}\n", "v.csv")


def test_a_point_among_decimal_commas_is_refused() -> None:
    with pytest.raises(
        InvalidInputError, match=r"row 3: value '1.234' has a point, and other numbers .* decimal commas"
    ):
        read_table("target;parameter;value;unit\n0;t1;45,2;us\n1;t1;1.234;us\n", "v.csv")


@pytest.mark.parametrize(
    "table",
    [
        "target,parameter,value,error [ms],unit\n0,t1,45.2,1,us\n",
        "target,parameter,value [us],unit\n0,t1,45.2,ms\n",
        "target,parameter,value [us]\n0,t1,45.2 ms\n",
    ],
)
def test_a_row_that_contradicts_the_unit_in_the_header_is_refused(table: str) -> None:
    with pytest.raises(InvalidInputError, match="row 2: it states two units"):
        read_table(table, "v.csv")


def test_all_errors_of_a_table_are_reported_at_once() -> None:
    rows = "0,t1,1,,us,,\nzero,t1,1,,us,,\n1,t1\n2,t1,much,,us,,\n0,t1,2,,us,,\n"
    with pytest.raises(InvalidInputError) as raised:
        read_table(HEAD + rows, "v.csv")
    said = str(raised.value)
    assert said.startswith("v.csv has 4 errors: row 3: 'zero' is not a qubit")
    assert [part[:6] for part in said.removeprefix("v.csv has 4 errors: ").split("; ")] == [
        "row 3:",
        "row 4:",
        "row 5:",
        "row 6:",
    ]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("target,qubit,parameter,value", "it has 2 columns 'target'"),
        ("target,parameter,value [us],error [ns]", "two units: ns and us"),
    ],
)
def test_a_header_that_contradicts_itself_is_refused(head: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        read_table(f"{head}\n", "v.csv")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("98.5 %", Parameter(98.5, unit="%")),
        ("90 °", Parameter(90.0, unit="°")),
        ("90°", Parameter(90.0, unit="°")),
        ("2 °/us", Parameter(2.0, unit="°/us")),
    ],
)
def test_a_cell_may_have_a_number_with_its_unit(cell: str, expected: Parameter) -> None:
    found = read_table(f"target,parameter,value\n0,phase,{cell}\n", "v.csv")
    assert found.seeds["0"]["phase"].parameter == expected
