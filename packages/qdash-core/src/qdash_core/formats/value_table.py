"""CSV table of values with one value per row."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.formats.imported_data import ImportedData, InitialValue, SkippedEntry
from qdash_core.models.base import require_possible_time
from qdash_core.models.estimates import Parameter
from qdash_core.models.simulated_time import FIELD
from qdash_core.models.targets import parse_target_id
from qdash_core.parsing.csv_parser import parse_csv

if TYPE_CHECKING:
    from collections.abc import Mapping

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
_NOT_READ = frozenset({"marks", FIELD})
"""Columns that QDash writes and computes anew."""

_REQUIRED = frozenset({"target", "parameter", "value"})


def is_table(line: str) -> bool:
    """Return whether the first line of a file is the header of a table of values."""
    return {name.strip() for name in line.split(",")} >= _REQUIRED


def read_table(text: str, file: str) -> ImportedData:
    """Return the values of a table. A target may be given by its label.

    Raises
    ------
    InvalidInputError
        If a row is incomplete, a duplicate, or has an invalid number, target or time; the message is one line
        with the row.
    """
    try:
        columns, rows = parse_csv(text)
    except InvalidInputError as error:
        raise InvalidInputError(f"{file} is no table of values: {error}") from error
    if missing := sorted(_REQUIRED.difference(columns)):
        raise InvalidInputError(f"{file} has no column {' and no column '.join(missing)}")
    seeds: dict[str, dict[str, InitialValue]] = {}
    for line, row in rows:
        place = f"row {line}"
        try:
            target, seed = parse_target_id(row["target"]), _read_value(row, file, place)
        except (TypeError, ValueError) as error:
            raise InvalidInputError(f"{file}, {place}: {error}") from error
        if row["parameter"] in seeds.setdefault(target, {}):
            raise InvalidInputError(f"{file}, {place}: {row['parameter']} of {target} is there already")
        seeds[target][row["parameter"]] = seed
    passed = tuple(
        SkippedEntry(file, name, "no such column is known")
        for name in columns
        if name not in COLUMNS and name not in _NOT_READ
    )
    return ImportedData(seeds=seeds, not_understood=passed)


def _read_value(row: Mapping[str, str], file: str, place: str) -> InitialValue:
    """Return the value of a row; raise ValueError if an entry is invalid."""
    if not row["parameter"]:
        raise ValueError("it names no parameter")
    value, error, at = (row.get(name) or "" for name in ("value", "error", "calibrated_at"))
    measured_at = datetime.fromisoformat(at) if at else None
    if measured_at is not None and measured_at.tzinfo is None:
        raise ValueError(f"{at} is a time without a zone")
    if measured_at is not None:
        require_possible_time(measured_at)
    parameter = Parameter(float(value), float(error) if error else None, row.get("unit") or "")
    return InitialValue(parameter, file, place, measured_at)
