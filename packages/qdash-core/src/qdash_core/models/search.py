"""Search of records, pages and commands by words, and its matches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from qdash_core.models.targets import make_coupling_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.models.targets import TargetKind

# Longer numbers, and those with leading zeros, are parts of ids of executions.
_TARGET = re.compile(r"(?:q0*)?(0|[1-9][0-9]{0,3})(?:-(?:q0*)?(0|[1-9][0-9]{0,3}))?")

TARGET_OPTIONS: Mapping[TargetKind, str] = {"qubit": "--qids", "coupling": "--couplings"}
"""Options that name a target in commands, by kind."""


@dataclass(frozen=True)
class Search:
    """Search by words. A match contains all of them, in any case and also as parts of words; of numbers their beginnings.

    Targets, values and results are those of the chip, if there is one. `limit` is the maximum number of matches of
    one kind.
    """

    text: str
    chip_id: str | None
    limit: int

    @cached_property
    def words(self) -> Sequence[str]:
        """Words in lower case; those that name a target as its id, such as `17` for `Q017` and `0-1` for `q1-q0`."""
        return [_parse_target(one) or one for one in self.text.casefold().split()]

    @cached_property
    def target(self) -> str | None:
        """Qubit or coupling that the first of such words names, which the chip need not have, or None."""
        return next(filter(None, map(_parse_target, self.words)), None)

    @cached_property
    def other_words(self) -> Sequence[str]:
        """Words besides the target."""
        words = [*self.words]
        if self.target is not None:
            words.remove(self.target)
        return words

    def fits(self, *texts: str) -> bool:
        """Return whether each word is in one of some texts."""
        return _contains(self.words, texts)

    def fits_beside_target(self, *texts: str) -> bool:
        """Return whether there are words besides the target, and each is in one of some texts."""
        return bool(self.other_words) and _contains(self.other_words, texts)


@dataclass(frozen=True, slots=True)
class Match:
    """Record, page or command that a search finds.

    Parameters
    ----------
    kind : str
        Noun of its kind, such as `qubit`.
    title : str
        Title in one line.
    text : str
        Further text in one line, or empty.
    address : str
        Page of the dashboard, as of `make_address`, or empty.
    command : str
        Command that shows it or does it, or empty.
    names : tuple of str
        Further names by which it is found, such as `17` of the qubit 17. A match whose title or name is the text of the search comes first.
    """

    kind: str
    title: str
    text: str = ""
    address: str = ""
    command: str = ""
    names: tuple[str, ...] = ()


def make_address(page: str, **parameters: str | None) -> str:
    """Return the address of a page of the dashboard with parameters, those that are None left out."""
    given = {name: one for name, one in parameters.items() if one is not None}
    return f"{page}?{urlencode(given)}" if given else page


def _parse_target(word: str) -> str | None:
    """Return the id of the target that a word in lower case names, or None."""
    named = _TARGET.fullmatch(word)
    if named is None:
        return None
    first, second = named.groups()
    if second is None:
        return str(first)
    return None if first == second else make_coupling_id(first, second)


def _contains(words: Sequence[str], texts: Sequence[str]) -> bool:
    joined = "\n".join(texts).casefold()
    return all(_begins_part(word, joined) if _TARGET.fullmatch(word) else word in joined for word in words)


def _begins_part(word: str, text: str) -> bool:
    """Return whether a word is somewhere in a text, and no letter or digit before it."""
    at = text.find(word)
    while at > 0 and text[at - 1].isalnum():
        at = text.find(word, at + 1)
    return at >= 0
