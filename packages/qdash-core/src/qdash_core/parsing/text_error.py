"""Error of a parser, with its position in the text."""

from __future__ import annotations

from qdash_core.errors import InvalidInputError


class TextError(InvalidInputError):
    """A text is not in its format.

    Parameters
    ----------
    message : str
        The message.
    line, column : int or None
        Position of the error, from 1, or None if unknown.
    """

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
