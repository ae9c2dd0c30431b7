"""Imported data of a file: a chip, initial values and ignored entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.text_error import join_file_errors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qdash_core.chips.parts import ChipParts
    from qdash_core.models.estimates import Parameter
    from qdash_core.parsing.text_error import FileErrors


@dataclass(frozen=True, slots=True)
class InitialValue:
    """Initial value of a parameter of a qubit or coupling, from a file.

    Parameters
    ----------
    parameter : Parameter
        The value, its error if the file has one (0 counts as none), and the unit that the file states.
    file : str
        The file, relative to the path that was read.
    key : str
        Key in that file, such as `data.Q00`.
    measured_at : datetime or None
        Time of the measurement, with a time zone, or None if the file gives none.
    """

    parameter: Parameter
    file: str
    key: str = ""
    measured_at: datetime | None = None

    @property
    def place(self) -> str:
        """File and key, such as `params/t1.yaml, data.Q00`."""
        return f"{self.file}, {self.key}" if self.key else self.file


@dataclass(frozen=True, slots=True)
class SkippedEntry:
    """An entry of a file that was ignored, with the reason for users, such as `no parameter of QDash`."""

    file: str
    key: str
    why: str


@dataclass(frozen=True, slots=True)
class ImportedData:
    """Data read from a file or folder. Missing entries are absent, never 0.

    Parameters
    ----------
    chip : ChipParts or None
        The described chip, or None if the file has values only.
    seeds : mapping of str to mapping of str to InitialValue
        Qubit (`"0"`) or coupling (`"0-1"`) to values by parameter.
    not_understood : tuple of SkippedEntry
        Ignored entries.
    """

    chip: ChipParts | None = None
    seeds: Mapping[str, Mapping[str, InitialValue]] = field(default_factory=dict)
    not_understood: tuple[SkippedEntry, ...] = ()


class InvalidEntriesError(InvalidInputError):
    """Some entries of files are invalid; `imported` has the valid ones. An import names both errors and values that cannot be."""

    def __init__(self, problems: FileErrors, imported: ImportedData) -> None:
        super().__init__(str(join_file_errors(problems)))
        self.problems = problems
        self.imported = imported
