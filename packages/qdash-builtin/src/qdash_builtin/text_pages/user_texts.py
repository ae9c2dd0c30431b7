"""Texts that users write in Markdown: titles, descriptions, comments and questions."""

from __future__ import annotations

import re

from qdash_builtin.text_pages.text_pictures import MOST_PICTURES, list_pictures
from qdash_core.errors import InvalidInputError

UNSUITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters that no text of the record has: control characters other than tabs and line ends, and halves of characters, which no store
accepts.
"""
LONGEST_TITLE = 200
LONGEST_TEXT = 20_000
"""Maximum number of characters of a description or a comment."""


def check_title(title: str) -> str:
    """Return a title in one line; raise InvalidInputError if it is empty, too long or has control characters."""
    made = " ".join(title.split())
    if not made or len(made) > LONGEST_TITLE or not made.isprintable():
        raise InvalidInputError(
            f"the title is {made[:LONGEST_TITLE]!r} with {len(made)} characters: write one line of 1 to {LONGEST_TITLE} printable characters"
        )
    return made


def check_text(text: str, noun: str) -> str:
    """Return a description or comment without spaces around it, empty if it has no visible character.

    Raises
    ------
    InvalidInputError
        If it is too long, has control characters, or a picture that is neither from a result nor a file.
    """
    if len(text) > LONGEST_TEXT:
        raise InvalidInputError(f"the {noun} has {len(text)} characters; {LONGEST_TEXT} are possible")
    if unsuitable := UNSUITABLE.search(text):
        line = text.count("\n", 0, unsuitable.start()) + 1
        raise InvalidInputError(
            f"the {noun} has the character {unsuitable[0]!r} in line {line}: write printable characters in UTF-8, without colours of a terminal"
        )
    if len(list_pictures(text)) > MOST_PICTURES:
        raise InvalidInputError(f"the {noun} has more than {MOST_PICTURES} pictures: use several comments")
    return text.strip() if any(one.isprintable() and not one.isspace() for one in text) else ""
