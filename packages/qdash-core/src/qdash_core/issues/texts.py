"""Texts of issues: titles, descriptions, comments, labels and mentions."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.issues.pictures import MOST_PICTURES, list_pictures
from qdash_core.models.unsuitable_characters import UNSUITABLE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

LONGEST_TITLE = 200
LONGEST_TEXT = 20_000
"""Maximum number of characters of a description or a comment."""
LONGEST_LABEL = 50

_MENTION = re.compile(r"(?<![\w@.+-])@([A-Za-z0-9][A-Za-z0-9._+@-]*)")
_SHORTEST_TASK_ID = 8
"""Number of digits from which a number is the beginning of a task id, not an issue."""
_ISSUE_ID = re.compile(r"#?0*([1-9][0-9]{0,17})")


def parse_issue_id(text: str) -> str:
    """Return the id of an issue, written as `12` or `#12`; InvalidInputError if it is not a number."""
    found = _ISSUE_ID.fullmatch(text.strip())
    if found is None or not text.isascii():
        raise InvalidInputError(f"{text!r} is not an issue: write its number, such as 12 or #12")
    return found[1]


def is_issue_id(text: str) -> bool:
    """Return whether a text that names an issue or a result is the number of an issue: `#12`, or `12` up to seven digits."""
    return text.startswith("#") or (text.isdigit() and len(text) < _SHORTEST_TASK_ID)


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
        If it is too long, has control characters, or a picture that is not from a result.
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


def normalise_labels(labels: Iterable[str]) -> list[str]:
    """Return labels in lower case, with single spaces, each once; InvalidInputError if one is not valid."""
    made = [" ".join(unicodedata.normalize("NFKC", label).casefold().split()) for label in labels]
    for label in made:
        if not label or len(label) > LONGEST_LABEL or not label.isprintable() or "," in label:
            raise InvalidInputError(
                f"{label[:LONGEST_LABEL]!r} is not a label: write 1 to {LONGEST_LABEL} printable characters without commas"
            )
    return list(dict.fromkeys(made))


def find_mentions(text: str, members: Collection[str]) -> list[str]:
    """Return the members that a text mentions as `@name`, by name."""
    named = {name for found in _MENTION.findall(text) for name in (found, found.rstrip("._+@-"))}
    return sorted(named.intersection(members))
