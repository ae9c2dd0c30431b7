"""Error of a parser, with its position in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN = 50
"""Errors of one file in a message."""


class TextError(InvalidInputError):
    """A text is not in its format. `line` and `column` begin at 1, and are None if unknown."""

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


FileErrors = list[tuple[str, int, str]]
"""Errors of files: the file, the line or 0 if unknown, and the text, which begins with its place."""


def join_file_errors(errors: FileErrors) -> InvalidInputError:
    """Return one error for all errors of some files, in order of file and line."""
    by_file: dict[str, list[str]] = {}
    for file, _, said in sorted(errors):
        by_file.setdefault(file, []).append(said)
    return InvalidInputError("; ".join(str(join_errors(file, said)) for file, said in by_file.items()))


def join_errors(file: str, errors: Sequence[str]) -> InvalidInputError:
    """Return one error for all errors of a file; each text begins with its place."""
    if len(errors) == 1:
        return InvalidInputError(f"{file}, {errors[0]}")
    more = f"; and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
    return InvalidInputError(f"{file} has {len(errors)} errors: {'; '.join(errors[:_SHOWN])}{more}")
