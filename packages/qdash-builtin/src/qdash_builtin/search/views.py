"""View models of the search."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from qdash_core.documents.base import Column, Document

if TYPE_CHECKING:
    from qdash_builtin.search.service import FoundMatches
    from qdash_core.models.search import Match

_LONGEST_TEXT = 200
"""Number of characters of a text that are shown."""


class MatchDocument(Document):
    """A record, page or command that a search found."""

    text_columns: ClassVar[tuple[Column, ...]] = (
        Column("kind", "kind"),
        Column("title", "title", wraps=True),
        Column("command", "command"),
    )

    kind: str
    """Noun of its kind, such as `qubit`, `execution` or `command`."""
    title: str
    text: str | None = None
    address: str | None = None
    """Page of the dashboard, such as `qubit?chip=A&qubit=17`."""
    command: str | None = None
    """Command that shows it or does it."""

    @classmethod
    def from_match(cls, match: Match) -> Self:
        """Return the view model of a match, its texts in one line."""
        title, text = (" ".join(one.split())[:_LONGEST_TEXT] for one in (match.title, match.text))
        return cls(
            kind=match.kind,
            title=title,
            text=text or None,
            address=match.address or None,
            command=match.command or None,
        )


class SearchDocument(Document):
    """The matches of a search by kind, the kind with the best match first."""

    matches: list[MatchDocument]
    missing: list[str]
    """One line for each function of a plugin that could not be asked."""

    @property
    def printed(self) -> list[MatchDocument]:
        """Matches."""
        return self.matches

    @classmethod
    def from_matches(cls, found: FoundMatches) -> Self:
        """Return the view model of the matches of a search."""
        return cls(matches=[MatchDocument.from_match(one) for one in found.matches], missing=[*found.missing])
