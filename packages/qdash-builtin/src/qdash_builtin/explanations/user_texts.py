"""Facts about a target, and the words in them that name a cause, as pure functions."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_builtin.explanations.observations import Observation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qdash_builtin.explanations.causes import Cause
    from qdash_core.models.facts import Fact

WORD_WEIGHT = 0.7
"""Weight of a text of users that has a word of a cause: a hint, which alone makes no cause likely."""
_WORDS = "words of users"
_LONGEST, _MOST = 200, 10


def select_related(facts: Iterable[Fact]) -> list[Fact]:
    """Return the newest facts, at most 10, with the beginnings of their texts."""
    newest = sorted(facts, key=lambda one: one.at, reverse=True)[:_MOST]
    return [replace(one, text=_shorten(one.text)) for one in newest]


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def observe_words(related: Sequence[Fact], causes: Iterable[Cause], target: str) -> Iterator[Observation]:
    """Yield an observation for each cause whose words are in a fact: at most one counts for a cause."""
    for one in related:
        words = {*re.findall(r"[\w-]+", f"{one.title} {one.text}".casefold())}
        for cause in causes:
            if named := words.intersection(cause.words):
                text = f"The word {min(named)!r} is in: {one.title}."
                sources = () if one.source is None else (one.source,)
                yield Observation(cause.id, target, text, WORD_WEIGHT, group=_WORDS, sources=sources)
