"""Gate of imports: checks and converts every value of the files, and reports all errors at once with their lines."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.hooks.imported_data import InvalidEntriesError
from qdash_core.parsing.limits import JSON_EXPORT
from qdash_core.parsing.text_error import join_file_errors
from qdash_core.parsing.text_files import read_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qdash_builtin.exchange.import_filter import ImportFilter
    from qdash_builtin.values.gate import ValueGate
    from qdash_core.hooks.imported_data import ImportedData, InitialValue
    from qdash_core.parsing.text_error import FileErrors

_ROW = re.compile(r"row ([0-9]+)")
_LINES = (".json", ".yaml", ".yml")


def read_admitted(
    read: Callable[[], ImportedData], choice: ImportFilter, gate: ValueGate, root: Path
) -> ImportedData:
    """Return the chosen data of a file or folder, with every value in its declared unit.

    Parameters
    ----------
    choice : ImportFilter
        The import filter. Values that it leaves out are not checked.
    root : Path
        The file or folder, in which the lines of errors are looked up.

    Raises
    ------
    InvalidInputError
        If entries are invalid or values impossible; the message is one line that names each of them and its line.
    """
    problems: FileErrors = []
    try:
        imported = read()
    except InvalidEntriesError as error:
        imported = error.imported
        problems += error.problems
    imported = choice.apply(imported)
    lines = _EntryLines(root)
    seeds: dict[str, dict[str, InitialValue]] = {}
    for target, values in imported.seeds.items():
        for name, one in values.items():
            try:
                admitted = gate.admit(target, name, one.parameter, one.measured_at)
            except InvalidInputError as error:
                line, place = lines.find(one)
                problems.append(
                    (one.file, line, f"{place}: {target}: {error}" if place else f"{target}: {error}")
                )
            else:
                seeds.setdefault(target, {})[name] = replace(one, parameter=admitted)
    if problems:
        raise join_file_errors(problems)
    estimates = {
        target: {name: one.parameter for name, one in values.items()} for target, values in seeds.items()
    }
    chip = None if imported.chip is None else imported.chip.with_estimates(estimates)
    return replace(imported, seeds=seeds, chip=chip)


class _EntryLines:
    """Lines of the entries of files, read when the first is looked up."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[str, dict[tuple[str, ...], int]] = {}

    def find(self, one: InitialValue) -> tuple[int, str]:
        """Return the line of a value, or of the innermost entry around it (0 if unknown), and its key and line as text for messages."""
        row = _ROW.fullmatch(one.key)
        if row is not None:
            return int(row[1]), one.key
        from qdash_core.parsing.yaml_parser import find_line_of_key  # imports PyYAML only for a message

        if one.file not in self._files:
            self._files[one.file] = self._read(one.file)
        line = find_line_of_key(self._files[one.file], one.key)
        return (0, one.key) if line is None else (line, f"line {line}: {one.key}")

    def _read(self, name: str) -> dict[tuple[str, ...], int]:
        path = self._root if self._root.is_file() else self._root / name
        if path.suffix.lower() not in _LINES:
            return {}
        from qdash_core.parsing.yaml_parser import find_entry_lines  # imports PyYAML only for a message

        with suppress(InvalidInputError, NotFoundError):
            return find_entry_lines(read_text(path, "values", size=JSON_EXPORT.size))
        return {}
