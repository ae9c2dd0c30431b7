"""Texts of issues: limits, labels, mentions, and pictures from results."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast, get_args

from qdash_core.errors import InvalidInputError
from qdash_core.models.issue import Drawing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

LONGEST_TITLE = 200
LONGEST_TEXT = 20_000
"""Maximum number of characters of a description or a comment."""
LONGEST_LABEL = 50
MOST_PICTURES = 20
"""Maximum number of pictures in a text."""

_IMAGE = re.compile(r"!\[[^\]]{0,500}\]\(\s{0,8}<?([^\s()<>]{0,500})>?(?:\s[^)]{0,500})?\)")
"""Image in Markdown. Bounded, so that no text takes long; what it does not find is in no list of pictures, and so not drawn."""
_PICTURE = re.compile(r"result:([^/]+)(?:/(.*))?")
_MENTION = re.compile(r"(?<![\w@.+-])@([A-Za-z0-9][A-Za-z0-9._+@-]*)")
_ISSUE_ID = re.compile(r"#?0*([1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class PictureAddress:
    """Address of a picture from a result, as texts write it: `result:TASK_ID`, or with `/figure` or `/thumbnail`.

    Parameters
    ----------
    text : str
        The address.
    task_id : str
        The result.
    drawing : str
        `figure` or `thumbnail`, as in the routes of results.
    """

    text: str
    task_id: str
    drawing: Drawing = "figure"


def parse_issue_id(text: str) -> str:
    """Return the id of an issue, written as `12` or `#12`; InvalidInputError if it is not a number."""
    found = _ISSUE_ID.fullmatch(text.strip())
    if found is None or not text.isascii():
        raise InvalidInputError(f"{text!r} is not an issue: write its number, such as 12 or #12")
    return found[1]


def check_title(title: str) -> str:
    """Return a title in one line; raise InvalidInputError if it is empty, too long or has control characters."""
    made = " ".join(title.split())
    if not made or len(made) > LONGEST_TITLE or not made.isprintable():
        raise InvalidInputError(
            f"the title is {made[:LONGEST_TITLE]!r} with {len(made)} characters: write one line of 1 to {LONGEST_TITLE} printable characters"
        )
    return made


def check_text(text: str, noun: str) -> str:
    """Return a description or comment without spaces around it.

    Raises
    ------
    InvalidInputError
        If it is too long, or has a picture that is not from a result.
    """
    if len(text) > LONGEST_TEXT:
        raise InvalidInputError(f"the {noun} has {len(text)} characters; {LONGEST_TEXT} are possible")
    if len(list_pictures(text)) > MOST_PICTURES:
        raise InvalidInputError(f"the {noun} has more than {MOST_PICTURES} pictures: use several comments")
    return text.strip()


def list_pictures(text: str) -> list[PictureAddress]:
    """Return the pictures of a text, each once; InvalidInputError if one is not from a result."""
    return [_parse_picture(address) for address in dict.fromkeys(_IMAGE.findall(text))]


def _parse_picture(address: str) -> PictureAddress:
    found = _PICTURE.fullmatch(address)
    if found is None or (found[2] or "figure") not in get_args(Drawing):
        raise InvalidInputError(
            f"the picture {address!r} is not from a result: write ![text](result:TASK_ID), or result:TASK_ID/thumbnail"
        )
    return PictureAddress(address, found[1], cast("Drawing", found[2] or "figure"))


def normalise_labels(labels: Iterable[str]) -> list[str]:
    """Return labels in lower case, with single spaces, each once; InvalidInputError if one is not valid."""
    made = [" ".join(unicodedata.normalize("NFKC", label).casefold().split()) for label in labels]
    for label in made:
        if not label or len(label) > LONGEST_LABEL or not label.isprintable() or "," in label:
            raise InvalidInputError(
                f"{label!r} is not a label: write 1 to {LONGEST_LABEL} printable characters without commas"
            )
    return list(dict.fromkeys(made))


def find_mentions(text: str, members: Collection[str]) -> list[str]:
    """Return the members that a text mentions as `@name`, by name."""
    named = {name for found in _MENTION.findall(text) for name in (found, found.rstrip("._+@-"))}
    return sorted(named.intersection(members))
