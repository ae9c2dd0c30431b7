"""Values of a JSON file of another program: each with its place, and all errors of the file at once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from qdash_builtin.request_parts.given_time import require_possible_time
from qdash_core.errors import InvalidInputError
from qdash_core.hooks.imported_data import ImportedData, InitialValue, InvalidEntriesError, SkippedEntry
from qdash_core.models.estimates import Parameter, is_usable_number
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.limits import JSON_EXPORT
from qdash_core.parsing.text_files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from qdash_core.chips.parts import ChipParts

ONE = Decimal(1)


class ValueCollector:
    """Collector of the values of a file.

    Numbers are converted as decimal numbers: 8418500000 Hz are 8.4185 GHz, without an error in the last digit.

    Raises
    ------
    InvalidInputError
        If it cannot be read or is no JSON object; the message names the line.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.name
        self._text = read_text(path, "values", size=JSON_EXPORT.size)
        try:
            document = parse_json(self._text, limits=JSON_EXPORT)
        except InvalidInputError as error:
            raise InvalidInputError(f"{self._file}: {error}") from error
        if not isinstance(document, dict):
            raise InvalidInputError(f"{self._file} is a {type(document).__name__}, not a JSON object")
        self.document: Mapping[str, Any] = document
        self._seeds: dict[str, dict[str, InitialValue]] = {}
        self._skipped: list[SkippedEntry] = []
        self._problems: list[tuple[int, str]] = []
        self._lines: dict[tuple[str, ...], int] = {}

    def add(
        self,
        target: str,
        name: str,
        number: object,
        unit: str,
        key: str,
        *,
        factor: Decimal = ONE,
        minus_from_one: bool = False,
        error: object = None,
        measured_at: datetime | None = None,
    ) -> None:
        """Add a value; one that the file does not have (None) is left out.

        Parameters
        ----------
        unit : str
            Unit of the value after the conversion.
        key : str
            Place in the file, such as `qubits[0].fidelity`.
        factor : Decimal
            Factor from the unit of the file to `unit`.
        minus_from_one : bool
            Whether the file has an error 1 - x of the fidelity x.
        error : object
            One standard deviation in the unit of the file, or None if unknown.
        """
        value, spread = self.read_number(number, key), self.read_number(error, key)
        if value is None:
            return
        value *= factor
        parameter = Parameter(
            float(ONE - value if minus_from_one else value),
            None if spread is None else float(spread * factor),
            unit,
        )
        if name in self._seeds.setdefault(target, {}):
            self.report(key, f"{name} of {target} is there already, in {self._seeds[target][name].key}")
            return
        self._seeds[target][name] = InitialValue(parameter, self._file, key, measured_at)

    def read_number(self, number: object, key: str) -> Decimal | None:
        """Return a number as it is written, or None for null; another value is reported."""
        if number is None:
            return None
        if isinstance(number, bool) or not isinstance(number, int | float) or not is_usable_number(number):
            self.report(key, f"{str(number)[:40]!r} is not a finite number")
            return None
        return Decimal(repr(number))

    def read_time(self, text: object, key: str) -> datetime | None:
        """Return a time with its zone, or None for null; another value is reported."""
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(str(text))
            if moment.tzinfo is None:
                raise ValueError(f"{text} is a time without a zone")  # noqa: TRY301
            require_possible_time(moment)
        except ValueError as error:
            self.report(key, str(error))
            return None
        return moment

    def iterate(self, value: object, key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the objects of a list or an object with their places; another value is reported."""
        entries: list[tuple[str, object]] = []
        if isinstance(value, list):
            entries = [(f"{key}[{index}]", entry) for index, entry in enumerate(value)]
        elif isinstance(value, dict):
            entries = [(f"{key}.{name}", entry) for name, entry in value.items()]
        elif value is not None:
            self.report(key, f"it is a {type(value).__name__}, not a list or an object")
        for place, entry in entries:
            if isinstance(entry, dict):
                yield place, entry
            else:
                self.report(place, f"it is a {type(entry).__name__}, not an object")

    def part(self, entry: Mapping[str, Any], name: str, key: str) -> Mapping[str, Any]:
        """Return an object of an object, empty if it is missing or null; another value is reported."""
        found = entry.get(name)
        if isinstance(found, dict):
            return found
        if found is not None:
            self.report(f"{key}.{name}", f"it is a {type(found).__name__}, not an object")
        return {}

    def skip(self, key: str, why: str) -> None:
        """Record an entry that is ignored."""
        self._skipped.append(SkippedEntry(self._file, key, why))

    def report(self, key: str, why: str) -> None:
        """Record an error of the file."""
        line = self._find_line(key)
        problem = line or 0, f"line {line}: {key}: {why}" if line else f"{key}: {why}"
        if problem not in self._problems:
            self._problems.append(problem)

    def _find_line(self, key: str) -> int | None:
        """Return the line of an entry, or of the innermost one around it that the file has."""
        from qdash_core.parsing.yaml_parser import find_entry_lines, find_line_of_key

        if not self._lines:
            self._lines = find_entry_lines(self._text)
        return find_line_of_key(self._lines, key)

    def finish(self, chip: ChipParts | None = None) -> ImportedData:
        """Return what was read, or raise InvalidEntriesError with all errors."""
        seeds = {target: values for target, values in self._seeds.items() if values}
        imported = ImportedData(chip, seeds, tuple(self._skipped))
        if self._problems:
            raise InvalidEntriesError([(self._file, *one) for one in self._problems], imported)
        return imported


def looks_like(path: Path, *keys: str) -> bool:
    """Return whether a file is a JSON object in which all these keys stand somewhere."""
    if not path.is_file() or path.stat().st_size > JSON_EXPORT.size:
        return False
    text = path.read_bytes().removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(b"{") and all(f'"{key}"'.encode() in text for key in keys)
