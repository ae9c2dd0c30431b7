"""Sections of a page of text: facts, tables, lines and drawings, for all formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Facts: TypeAlias = Sequence[tuple[str, str]]
"""Names and texts."""
Pieces: TypeAlias = Sequence[tuple[str, str]]
"""Texts, each with the class of its style in HTML or an empty text."""


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
class LabelledDrawing:
    """A drawing of a section in HTML, below its label, or the reason why there is none.

    Parameters
    ----------
    svg : str or None
        The drawing, which is not escaped: numbers, fixed tags and escaped texts; or None if there is none.
    caption : str
        Text below it when it is enlarged, or empty if it cannot be enlarged.
    """

    label: Pieces
    svg: str | None
    caption: str = ""
    reason: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page. Its parts are shown in the order of the parameters, but `text` first and `lines` last.

    Parameters
    ----------
    level : int
        2, or 3 for a part of the section before.
    drawings : sequence of LabelledDrawing
        Drawings, in HTML only, as the notes of a section on them.
    layout : str
        Classes of the style of the drawings together.
    without_script : str
        Text that is shown in HTML if the script of the drawings does not run.
    anchor : str
        Name to which the page links, or empty.
    folded : bool or None
        Whether it is folded in HTML; None if it cannot be.
    note : str
        Short text beside the title of a part that can be folded.
    """

    title: str
    lines: Sequence[Line] = ()
    table: Table | None = None
    level: int = 2
    text: str = ""
    facts: Facts = ()
    drawings: Sequence[LabelledDrawing] = ()
    layout: str = ""
    legend: Pieces = ()
    without_script: str = ""
    anchor: str = ""
    folded: bool | None = None
    note: str = ""

    @property
    def has_contents(self) -> bool:
        """True if it has a line or a row."""
        return bool(self.lines or (self.table is not None and self.table.rows))
