"""Column layout of tables: long sentences wrap between words, text to be copied never wraps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from qdash_cli.rendering.wrapping import display_width, split_words, wrap_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_GAP = "  "
_INDENT = "    "
_MIN_WRAPPED_WIDTH = 16
"""Minimum width of a wrapped column, unless its longest word is longer."""


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    """May have several lines."""
    cells: Sequence[str]
    is_wrapped: bool

    @property
    def natural(self) -> int:
        return max(map(display_width, [*self.name.split("\n"), *self.cells]))

    @property
    def least(self) -> int:
        if not self.is_wrapped:
            return self.natural
        words = (word for cell in self.cells for word in split_words(cell))
        return min(
            self.natural,
            max([_MIN_WRAPPED_WIDTH, *map(display_width, words), *map(display_width, self.name.split("\n"))]),
        )


def lay_out(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    fold: Collection[str] = (),
    width: int | None = None,
    rule: str = "─",
) -> list[str]:
    """Return the lines of a table.

    A column that is empty in every row is left out, and so is a table without rows. If the table is wider than `width`,
    in characters, the columns named in `fold` are wrapped between words; if it is still too wide, the last columns go
    below their row, one line each. Names may have several lines; white space in cells is collapsed to one blank. `rule`
    is one character, drawn below the names.
    """
    if not rows:
        return []
    columns = [
        _Column(name, [" ".join(cell.split()) for cell in cells], name in fold)
        for name, cells in zip(names, zip(*rows, strict=True), strict=True)
    ]
    beside = [column for column in columns if any(column.cells)]
    below: list[_Column] = []
    while len(beside) > 1 and width is not None and _compute_least_width(beside) > width:
        below.insert(0, beside.pop())
    widths = _compute_column_widths(beside, width)
    names_of_rows = [column.name.split("\n") for column in beside]
    lines = list(_format_row(names_of_rows, widths))
    lines.append(rule * (sum(widths) + len(_GAP) * (len(widths) - 1)))
    for number in range(len(rows)):
        cells = [
            wrap_text(column.cells[number], room) if column.is_wrapped else [column.cells[number]]
            for column, room in zip(beside, widths, strict=True)
        ]
        lines += _format_row(cells, widths)
        lines += [
            line for column in below for line in _format_lines_below(column, column.cells[number], width)
        ]
    return lines


def _compute_least_width(columns: Sequence[_Column]) -> int:
    return sum(column.least for column in columns) + len(_GAP) * (len(columns) - 1)


def _compute_column_widths(columns: Sequence[_Column], width: int | None) -> list[int]:
    """Return the width of each column: its minimum, and a share of the rest in proportion to its deficit."""
    lacks = [column.natural - column.least for column in columns]
    spare = sum(lacks) if width is None else min(sum(lacks), max(0, width - _compute_least_width(columns)))
    return [
        column.least + (spare * lack // sum(lacks) if lack else 0)
        for column, lack in zip(columns, lacks, strict=True)
    ]


def _format_row(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    for parts in zip_longest(*cells, fillvalue=""):
        padded = (part + " " * (room - display_width(part)) for part, room in zip(parts, widths, strict=True))
        yield _GAP.join(padded).rstrip()


def _format_lines_below(column: _Column, cell: str, width: int | None) -> list[str]:
    if not cell:
        return []
    name = " ".join(column.name.split())
    return wrap_text(f"{name}: {cell}", width, indent=_INDENT)
