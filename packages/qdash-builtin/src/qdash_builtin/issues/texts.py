"""Numbers, labels and mentions of issues."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

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
