"""Sources of a note's text: the command line, standard input or an editor."""

from __future__ import annotations

import sys
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from qdash_cli.given_texts import read_standard_input
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable


def note_text(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument TEXT and the option `--editor` to a command, passed as one argument `text`.

    `text` is a function that returns the new text of the note. Its argument returns the current text, and is
    called only to fill an editor.
    """

    @wraps(command)
    def with_text(*args: Any, text: str | None, editor: bool, clear: bool = False, **rest: Any) -> Any:
        if (text is not None) + editor + clear > 1:
            raise InvalidInputError("use one of TEXT, --editor and --clear")

        def written(former: Callable[[], str]) -> str:
            if clear:
                return ""
            content = (
                _edit_text(former()) if editor or (text is None and _is_interactive()) else _read_text(text)
            )
            if not content.strip():
                raise InvalidInputError(
                    "the text is empty, nothing was changed: clear a note with `note clear` or --clear"
                )
            return content

        return command(*args, text=written, **rest)

    argument = click.argument("text", metavar="[TEXT|-]", required=False)
    option = click.option("--editor", is_flag=True, help="Edit the current note in $EDITOR.")
    return argument(option(with_text))


def note_text_or_none(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument and options of `note_text` and `--clear`, which makes the text empty."""
    return click.option("--clear", is_flag=True, help="Clear the note.")(note_text(command))


def _read_text(text: str | None) -> str:
    if text is None:
        raise InvalidInputError("TEXT is missing: write it, or - to read standard input, or use --editor")
    if text != "-":
        return text
    return read_standard_input()


def _edit_text(former: str) -> str:
    content = click.edit(former, extension=".md")
    if content is None:
        raise InvalidInputError("the editor was closed without saving, nothing was changed")
    return content


def _is_interactive() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
