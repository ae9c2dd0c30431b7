"""CSV table of values with one value per row."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from qdash_builtin.exchange.csv_parser import find_delimiter, parse_table
from qdash_builtin.request_parts.given_time import require_possible_time
from qdash_core.errors import InvalidInputError
from qdash_core.hooks.imported_data import ImportedData, InitialValue, InvalidEntriesError, SkippedEntry
from qdash_core.models.estimates import Parameter
from qdash_core.models.simulated_time import FIELD
from qdash_core.models.targets import parse_target_id
from qdash_core.models.units import are_same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLUMNS = (
    "kind",
    "target",
    "parameter",
    "value",
    "error",
    "unit",
    "calibrated_at",
    "execution_id",
    "task_id",
)
"""The columns that are read. `target`, `parameter` and `value` are required; others may be absent or empty."""
_NOT_READ = frozenset({"trust", "marks", FIELD})
"""Columns that QDash writes and computes anew."""
_REQUIRED = frozenset({"target", "parameter", "value"})
_OTHER_NAMES = {
    **dict.fromkeys(("qubit", "coupling", "qid"), "target"),
    **dict.fromkeys(("name", "metric", "quantity"), "parameter"),
    **dict.fromkeys(("sigma", "std", "stddev", "stderr", "uncertainty"), "error"),
    **dict.fromkeys(("units",), "unit"),
    **dict.fromkeys(("measured_at", "timestamp", "time", "date"), "calibrated_at"),
}
"""Columns by the names that other programs give them."""
_UNIT_IN_HEADER = re.compile(r"(value|error)_*[\[(]([^\])]*)[\])]", re.IGNORECASE)
_NUMBER = re.compile(
    r"([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)(?:[ \u00a0]*([%°](?:[*/·]\S+)?|[^\W\d_]\S*))?"
)
"""A number, with its unit if the cell has one: `98.5 %`, `90 °`."""


def is_table(beginning: str) -> bool:
    """Return whether the beginning of a file has the header of a table of values."""
    lines = beginning.removeprefix("\ufeff").splitlines()
    header = next((line for line in lines[:2] if not line.lower().startswith("sep=")), "")
    names = header.split(find_delimiter(header))
    return {_name_column(name.strip().strip('"'))[0] for name in names} >= _REQUIRED


def read_table(text: str, file: str) -> ImportedData:
    """Return the values of a table, as QDash or a spreadsheet writes it. A target may be given by its label.

    Cells are separated by commas, semicolons or tabs. All numbers have a decimal point, or, unless commas separate the cells, a decimal comma.
    Columns are recognized without regard to upper case, by some other names, and with the unit of all rows as in `value [us]`.

    Raises
    ------
    InvalidInputError
        If a row is incomplete, a duplicate, or has an invalid number, target or time; the message is one line
        with every such row.
    """
    try:
        table = parse_table(text)
        columns, unit = _read_header(table.columns)
    except InvalidInputError as error:
        raise InvalidInputError(f"{file} is no table of values: {error}") from error
    if missing := sorted(_REQUIRED.difference(columns)):
        raise InvalidInputError(f"{file} has no column {' and no column '.join(missing)}")
    rows = [
        (line, {name: cell.strip() for name, cell in zip(columns, cells.values(), strict=True)})
        for line, cells in table.rows
    ]
    decimal_comma = table.delimiter != "," and any(
        "," in row["value"] + row.get("error", "") for _, row in rows
    )
    seeds: dict[str, dict[str, InitialValue]] = {}
    problems: list[tuple[int, str]] = [(one.line or 0, str(one)) for one in table.uneven]
    for line, row in rows:
        try:
            _add_value(seeds, row, file, f"row {line}", unit, decimal_comma=decimal_comma)
        except (TypeError, ValueError) as error:
            problems.append((line, f"row {line}: {error}"))
    passed = tuple(
        SkippedEntry(file, given, "no such column is known")
        for name, given in zip(columns, table.columns, strict=True)
        if name not in COLUMNS and name not in _NOT_READ
    )
    imported = ImportedData(seeds=seeds, not_understood=passed)
    if problems:
        raise InvalidEntriesError([(file, *one) for one in problems], imported)
    return imported


def _read_header(given: Sequence[str]) -> tuple[list[str], str]:
    """Return the columns under QDash's names, and the unit that the header states for all rows, or empty text."""
    named = [_name_column(name) for name in given]
    columns = [name for name, _ in named]
    if twice := [name for name in dict.fromkeys(columns) if columns.count(name) > 1]:
        raise InvalidInputError(f"it has {columns.count(twice[0])} columns {twice[0]!r}")
    units = {unit for _, unit in named if unit}
    if len(units) > 1:
        raise InvalidInputError(f"its header states two units: {' and '.join(sorted(units))}")
    return columns, units.pop() if units else ""


def _name_column(given: str) -> tuple[str, str]:
    """Return QDash's name of a column, and the unit in it."""
    name, unit = re.sub(r"\s+", "_", given.strip()), ""
    if (stated := _UNIT_IN_HEADER.fullmatch(name)) is not None:
        name, unit = stated.groups()
    return _OTHER_NAMES.get(name.lower(), name.lower()), unit


def _add_value(
    seeds: dict[str, dict[str, InitialValue]],
    row: Mapping[str, str],
    file: str,
    place: str,
    header_unit: str,
    *,
    decimal_comma: bool,
) -> None:
    """Add the value of a row; raise ValueError if an entry is invalid."""
    target, name = parse_target_id(row["target"]), row["parameter"]
    value = _read_value(row, file, place, header_unit, decimal_comma=decimal_comma)
    if name in seeds.setdefault(target, {}):
        raise ValueError(f"{name} of {target} is there already, in {seeds[target][name].key}")
    seeds[target][name] = value


def _read_value(
    row: Mapping[str, str], file: str, place: str, header_unit: str, *, decimal_comma: bool
) -> InitialValue:
    """Return the value of a row; raise ValueError if an entry is invalid."""
    if not row["parameter"]:
        raise ValueError("it names no parameter")
    error, at = row.get("error", ""), row.get("calibrated_at", "")
    measured_at = datetime.fromisoformat(at) if at else None
    if measured_at is not None and measured_at.tzinfo is None:
        raise ValueError(f"{at} is a time without a zone")
    if measured_at is not None:
        require_possible_time(measured_at)
    value, unit = _read_number(row["value"], "value", decimal_comma=decimal_comma)
    spread, unit_of_error = _read_number(error, "error", decimal_comma=decimal_comma) if error else (None, "")
    stated = [one for one in (unit, unit_of_error, row.get("unit"), header_unit) if one]
    if any(not are_same(one, stated[0]) for one in stated):
        raise ValueError(f"it states two units, {' and '.join(dict.fromkeys(stated))}")
    return InitialValue(Parameter(value, spread, stated[0] if stated else ""), file, place, measured_at)


def _read_number(text: str, name: str, *, decimal_comma: bool) -> tuple[float, str]:
    """Return a number without thousands separators, and its unit or empty text; raise ValueError for other text."""
    plain = text.replace("\N{MINUS SIGN}", "-")
    if decimal_comma and "." in plain and "," not in plain:
        raise ValueError(f"{name} {text!r} has a point, and other numbers of the table have decimal commas")
    if decimal_comma and "." not in plain and plain.count(",") == 1:
        plain = plain.replace(",", ".")
    found = _NUMBER.fullmatch(plain)
    if found is None:
        raise ValueError(f"{name} {text!r} is not a number such as 0.5 or 1e-3")
    return float(found[1]), found[2] or ""
