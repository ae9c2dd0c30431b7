"""Search of all features, with their matches in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, PluginError
from qdash_core.models.search import Match, Search
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.hooks.fact_reader import FactReader
    from qdash_core.models.access import Access
    from qdash_core.repositories.store import Store

LONGEST_TEXT = 200
"""Maximum number of characters of a search."""
MOST_WORDS = 10
MOST_OF_KIND = 50
"""Maximum number of matches of one kind."""
_MOST_RETURNED = 2000
"""Number of matches of one function that are read."""


@dataclass(frozen=True, slots=True)
class FoundMatches:
    """Matches of a search by kind, those of the kind with the best match first.

    `missing` has one line for each function of a plugin that could not be asked.
    """

    matches: Sequence[Match]
    missing: Sequence[str]


class SearchService:
    """Search of all features of one store."""

    def __init__(self, store: Store, reader: FactReader) -> None:
        self._store = store
        self._reader = reader

    def find(self, access: Access, text: str, *, chip_id: str | None = None, limit: int = 5) -> FoundMatches:
        """Return what the features find by words, which the user may see.

        Matches that are called as the text come first, then those that begin with it, then those with words that begin with each
        word, then those with all words in parts of words.

        Parameters
        ----------
        text : str
            One to ten words, at most 200 characters.
        chip_id : str or None
            Chip whose targets, values and results are found, or None for the newest one.
        limit : int
            Maximum number of matches of one kind, 1 to 50.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        InvalidInputError
            If there are no or too many words, or the limit is out of range.
        """
        if len(text) > LONGEST_TEXT or not 1 <= len(text.split()) <= MOST_WORDS:
            raise InvalidInputError(f"search for 1 to {MOST_WORDS} words of {LONGEST_TEXT} characters")
        if not 1 <= limit <= MOST_OF_KIND:
            raise InvalidInputError(
                f"limit cannot be {limit}: 1 to {MOST_OF_KIND} matches of each kind are found"
            )
        search = Search(text, self._choose_chip(access, chip_id), limit)
        found: dict[Match, int] = {}
        missing = []
        for plugin, place in self._reader.registry.list_named("searches"):
            try:
                matches = self._reader.call(plugin, place, access, search, check_matches)
            except PluginError as error:
                missing.append(f"matches of the plugin {plugin.name!r} are missing: {error!s:.300}")
            else:
                found |= {one: _rank(one, search.words) for one in matches}
        return FoundMatches(_arrange(found, limit), missing)

    def _choose_chip(self, access: Access, chip_id: str | None) -> str | None:
        with self._store.read() as snapshot:
            chips = Repositories(snapshot).of(ChipRepository)
            if chip_id is not None:
                return chips.require(access.project_id, chip_id).chip_id
            newest = chips.get_current_chip(project_id=access.project_id)
        return None if newest is None else newest.chip_id


def check_matches(place: str, returned: object) -> list[Match]:
    """Return the matches that a function of a feature returned; raise PluginError if they are none."""
    if not isinstance(returned, Iterable):
        raise PluginError(f"{place} returned {type(returned).__name__}, not a list")
    found = [*islice(returned, _MOST_RETURNED)]
    for one in found:
        if not isinstance(one, Match):
            raise PluginError(f"{place} returned a list with {one!r:.100}, which is no Match")
    return found


def _rank(match: Match, words: Sequence[str]) -> int:
    """Return the place of a match in the order, 0 for the best."""
    text, names = " ".join(words), [one.casefold() for one in (match.title, *match.names)]
    if text in names:
        return 0
    if any(one.startswith(text) for one in names):
        return 1
    beginnings = " ".join((*names, match.text.casefold())).split()
    return 2 if all(any(one.startswith(word) for one in beginnings) for word in words) else 3


def _arrange(found: dict[Match, int], limit: int) -> list[Match]:
    """Return the best matches of each kind together, those of the kind with the best match first."""
    kinds: dict[str, list[Match]] = {}
    for match, _ in sorted(found.items(), key=lambda one: one[1]):
        of_kind = kinds.setdefault(match.kind, [])
        if len(of_kind) < limit:
            of_kind.append(match)
    return [match for of_kind in kinds.values() for match in of_kind]
