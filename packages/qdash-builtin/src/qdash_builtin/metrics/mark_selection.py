"""Selection of marks by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable

ANY_MARK = "any"
"""Name that stands for all marks in a selection."""
MARK_CHOICES = f"{', '.join(f'`{one}`' for one in Mark)}, or `{ANY_MARK}`"
"""Names in a selection, for descriptions of options."""


def parse_marks(names: Iterable[str]) -> tuple[Mark, ...]:
    """Return the named marks, or all of them for the name `any`; raise InvalidInputError for another name."""
    found: list[Mark] = []
    known = [*map(str, Mark), ANY_MARK]
    for name in names:
        if name not in known:
            raise InvalidInputError(f"there is no mark {name!r}: the marks are {', '.join(known)}")
        found += Mark if name == ANY_MARK else (Mark(name),)
    return tuple(dict.fromkeys(found))
