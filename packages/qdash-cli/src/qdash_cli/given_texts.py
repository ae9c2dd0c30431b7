"""Sources of a text: the command line, standard input or a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_LARGEST_FILE = 100_000
"""Largest size of a file with a text, in bytes."""

file_option: Callable[..., Any] = click.option(
    "--file", "path", type=click.Path(path_type=Path), help="Read the text from this file."
)


def read_given_text(text: str | None, path: Path | None = None) -> str | None:
    """Return the text of an argument or option, of standard input for `-`, or of a file; None if none is given."""
    if path is None:
        return read_standard_input() if text == "-" else text
    if text is not None:
        raise InvalidInputError("write the text, or use --file, not both")
    from qdash_core.parsing.text_files import read_text

    return read_text(path, "text", size=_LARGEST_FILE)


def read_standard_input() -> str:
    """Return the text on standard input."""
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"standard input is not text in {error.encoding}: {error.reason}") from None
