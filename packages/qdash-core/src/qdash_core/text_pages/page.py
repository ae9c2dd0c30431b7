"""Page of text: sections of lines and tables, for all formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a section, with the command that it advises or an empty text."""

    text: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a section."""

    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: its title, a table above its lines, and 2 as its level, or 3 for a part of the section before."""

    title: str
    lines: Sequence[Line] = ()
    table: Table | None = None
    level: int = 2

    @property
    def has_contents(self) -> bool:
        """True if it has a line or a row."""
        return bool(self.lines or (self.table is not None and self.table.rows))


@dataclass(frozen=True, slots=True)
class Page:
    """A page of text.

    Parameters
    ----------
    title : str
        The title.
    lead : sequence of str
        Statements below it; plain text has them on one line if they fit.
    sections : iterable of Section
        The sections, which are read once.
    """

    title: str
    lead: Sequence[str]
    sections: Iterable[Section]

    @property
    def sentence(self) -> str:
        """The statements of the lead as one sentence."""
        return "; ".join(self.lead)


def make_plain(text: str) -> str:
    """Return a text on one line without control characters: some are texts of users."""
    return "".join(one for one in " ".join(text.split()) if one.isprintable())
