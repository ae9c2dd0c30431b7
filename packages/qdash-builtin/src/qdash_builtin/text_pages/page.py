"""Page of text for all formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_builtin.text_pages.sections import Facts, Section


@dataclass(frozen=True, slots=True)
class Page:
    """A page of text. Its sections are read once.

    Parameters
    ----------
    lead : sequence of str
        Statements below the title; plain text has them on one line if they fit.
    style : str or None
        Further style sheet of a page with drawings, or None for a page without them.
    """

    title: str
    lead: Sequence[str]
    sections: Iterable[Section]
    facts: Facts = ()
    style: str | None = None

    @property
    def sentence(self) -> str:
        """The statements of the lead as one sentence."""
        return self.lead[0] if len(self.lead) == 1 else "; ".join(self.lead)


def make_plain(text: str) -> str:
    """Return a text on one line without control characters: some are texts of users."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(filter(str.isprintable, line))
