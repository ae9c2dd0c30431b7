"""CSV tables, parsed within limits."""

from __future__ import annotations

import csv
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import CSV
from qdash_core.parsing.text_error import TextError

if TYPE_CHECKING:
    from qdash_core.parsing.limits import CsvLimits


def parse_csv(text: str, *, limits: CsvLimits = CSV) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Parse a table into its columns and its rows, each with the number of its last line; empty lines are skipped.

    Raises
    ------
    InvalidInputError
        If it is not CSV, exceeds a limit, or a row has another number of cells than the header; the message names the row.
    """
    size = len(text.encode(errors="surrogatepass"))
    if size > limits.size:
        raise InvalidInputError(f"a table of {size} bytes: the limit is {limits.size} bytes")
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        columns = next(reader, [])
        _check_row(columns, 1, limits)
        for cells in islice(filter(None, reader), limits.rows + 1):
            _check_row(cells, reader.line_num, limits)
            if len(cells) != len(columns):
                raise TextError(
                    f"row {reader.line_num}: it has another number of cells than the first row",
                    line=reader.line_num,
                )
            rows.append((reader.line_num, dict(zip(columns, cells, strict=True))))
    except csv.Error as error:
        raise TextError(f"not CSV: row {reader.line_num}: {error}", line=reader.line_num) from error
    if len(rows) > limits.rows:
        raise InvalidInputError(f"a table of more than {limits.rows} rows")
    return columns, rows


def _check_row(cells: list[str], line: int, limits: CsvLimits) -> None:
    if len(cells) > limits.columns:
        raise TextError(f"row {line}: {len(cells)} columns: the limit is {limits.columns}", line=line)
    if any(len(cell) > limits.cell for cell in cells):
        raise TextError(f"row {line}: a cell of more than {limits.cell} characters", line=line)
