"""CSV tables, parsed within limits: separated by commas, semicolons or tabs, as spreadsheets write them."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import CSV
from qdash_core.parsing.text_error import TextError

if TYPE_CHECKING:
    from qdash_core.parsing.limits import CsvLimits

_DELIMITERS = (",", ";", "\t")
_HINT = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""First line with which Excel names the separator."""
_QUOTED = re.compile(r'"[^"]*"?')


@dataclass(frozen=True, slots=True)
class CsvTable:
    """Cells of a table.

    Parameters
    ----------
    rows : list of (int, dict)
        The number of the last line of each row, and its cells by column.
    uneven : list of TextError
        One error for each row with another number of cells than the header, which is no part of `rows`.
    """

    delimiter: str
    columns: list[str]
    rows: list[tuple[int, dict[str, str]]]
    uneven: list[TextError]


def parse_csv(text: str, *, limits: CsvLimits = CSV) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Parse a table into its columns and its rows, each with the number of its last line; empty rows are skipped.

    Raises
    ------
    InvalidInputError
        If it is not CSV, exceeds a limit, or a row has another number of cells than the header; the message names the row.
    """
    table = parse_table(text, limits=limits)
    if table.uneven:
        raise table.uneven[0]
    return table.columns, table.rows


def parse_table(text: str, *, limits: CsvLimits = CSV) -> CsvTable:
    """Parse a table. A byte order mark, rows of empty cells and empty columns at the end, which spreadsheets write, are skipped.

    Raises
    ------
    InvalidInputError
        If it is not CSV, or exceeds a limit; the message names the row.
    """
    size = len(text.encode(errors="surrogatepass"))
    if size > limits.size:
        raise InvalidInputError(f"a table of {size} bytes: the limit is {limits.size} bytes")
    text = text.removeprefix("\ufeff")
    hint = _HINT.match(text)
    delimiter = hint[1] if hint else find_delimiter(text.partition("\n")[0])
    try:
        reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except (TypeError, ValueError) as error:
        raise TextError(f"not CSV: row 1: {error}", line=1) from error
    table = CsvTable(delimiter, [], [], [])
    try:
        if hint:
            next(reader)
        columns = next(reader, [])
        _check_row(columns, reader.line_num, limits)
        table.columns.extend(_strip_end(columns, 0))
        for cells in islice(filter(any, reader), limits.rows + 1):
            _check_row(cells, reader.line_num, limits)
            _add_row(table, cells, reader.line_num)
    except csv.Error as error:
        raise TextError(f"not CSV: row {reader.line_num}: {error}", line=reader.line_num) from error
    if len(table.rows) + len(table.uneven) > limits.rows:
        raise InvalidInputError(f"a table of more than {limits.rows} rows")
    return table


def find_delimiter(header: str) -> str:
    """Return the most frequent separator of a header outside of quotes: comma, semicolon or tab."""
    bare = _QUOTED.sub("", header)
    return max(_DELIMITERS, key=bare.count)


def _add_row(table: CsvTable, cells: list[str], line: int) -> None:
    cells = _strip_end(cells, len(table.columns))
    if len(cells) == len(table.columns):
        table.rows.append((line, dict(zip(table.columns, cells, strict=True))))
        return
    why = f"row {line}: it has another number of cells than the first row"
    table.uneven.append(TextError(why, line=line))


def _strip_end(cells: list[str], least: int) -> list[str]:
    """Return the cells without empty ones at the end, but at least the first `least`."""
    number = len(cells)
    while number > least and not cells[number - 1].strip():
        number -= 1
    return cells[:number]


def _check_row(cells: list[str], line: int, limits: CsvLimits) -> None:
    if len(cells) > limits.columns:
        raise TextError(f"row {line}: {len(cells)} columns: the limit is {limits.columns}", line=line)
    if any(len(cell) > limits.cell for cell in cells):
        raise TextError(f"row {line}: a cell of more than {limits.cell} characters", line=line)
