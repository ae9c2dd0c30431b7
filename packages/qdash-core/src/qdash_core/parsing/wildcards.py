"""Wildcard patterns of users, with `*`, `?` and `[...]`. Regular expressions are never accepted."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import WILDCARD

if TYPE_CHECKING:
    from collections.abc import Iterable


def match_names(pattern: str, names: Iterable[str]) -> list[str]:
    """Return the names that a pattern matches; raise InvalidInputError if the pattern is too long."""
    if len(pattern) > WILDCARD.length:
        raise InvalidInputError(f"a pattern of {len(pattern)} characters: the limit is {WILDCARD.length}")
    return [name for name in names if fnmatch.fnmatchcase(name, pattern)]
