"""Ids and tags that users choose."""

from __future__ import annotations

import re

from qdash_core.errors import InvalidInputError

ID_RULE = "up to 64 letters, digits, '-', '_' and '.', beginning with a letter or digit"
"""Rule for the ids of objects that users create."""
_LONGEST_TAG = 64
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def check_id(text: str, noun: str) -> None:
    """Raise InvalidInputError for an id that cannot be part of a URL."""
    if not _ID.fullmatch(text):
        raise InvalidInputError(f"{noun} id {text!r}: {ID_RULE}")


def check_tag(name: str) -> None:
    """Raise InvalidInputError if a tag is empty, too long, begins or ends with a space, or has invisible characters."""
    if not name or name != name.strip() or len(name) > _LONGEST_TAG or not name.isprintable():
        raise InvalidInputError(
            f"{name!r} is not a tag: up to {_LONGEST_TAG} visible characters, without spaces around them"
        )
