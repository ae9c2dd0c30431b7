"""Markdown of attached files in texts of users: `![caption](file:photo.jpg)` for a picture, `[label](file:data.csv)` for a link."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from qdash_builtin.attachments.accepted_files import LONGEST_NAME
from qdash_builtin.attachments.pictures import FORMATS

if TYPE_CHECKING:
    from collections.abc import Collection

SCHEME = "file:"
FILE_MARKDOWN = re.compile(r"(!?)\[([^\[\]]{0,500})\]\(\s{0,8}<?file:([^\s()<>]{1,300})>?\s{0,8}\)")
"""File in a text: `!` for a picture, then its caption and its address. Repetitions are bounded, which bounds the time of a search."""


def list_files(text: str) -> list[str]:
    """Return the names of the files in a text, each once, in their order."""
    return list(dict.fromkeys(read_address(address) for _, _, address in FILE_MARKDOWN.findall(text)))


def read_address(address: str) -> str:
    """Return the name of the file at an address, with or without `file:`."""
    return unquote(address.removeprefix(SCHEME))


def make_file_markdown(name: str, media_type: str) -> str:
    """Return the Markdown that shows a file in a text."""
    return f"{'!' if media_type in FORMATS else ''}[{name}]({SCHEME}{quote(name)})"


def make_free_name(given: str, taken: Collection[str]) -> str:
    """Return a valid attachment name that is not taken, with a number at its end if necessary."""
    stem, dot, suffix = re.split(r"[/\\]", given)[-1].strip().rpartition(".")
    if not re.fullmatch(r"[A-Za-z0-9]{1,9}", suffix):
        stem, dot, suffix = f"{stem}{dot}{suffix}", "", ""
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).lstrip("-_.")[: LONGEST_NAME - 20].rstrip("-.") or "file"
    lower = {one.lower() for one in taken}
    numbered = (
        f"{stem}{f'-{number}' if number > 1 else ''}{dot}{suffix.lower()}"
        for number in range(1, len(lower) + 2)
    )
    return next(one for one in numbered if one.lower() not in lower)
