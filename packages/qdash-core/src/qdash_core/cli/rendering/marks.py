"""Text output of the marks of values: legend, reasons, and counts with the command that lists the values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.cli.rendering.output import print_message, use_unit_symbols
from qdash_core.models.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.models.marks import ValueMark

MARK_LEGEND = {mark: f"{mark.sign} {mark} ({mark.explanation})" for mark in Mark}
"""Entry of each mark in the legend of a table."""


def format_marks(marks: Iterable[ValueMark]) -> str:
    """Return marks with their reasons on one line."""
    return use_unit_symbols("; ".join(f"{one.mark}: {one.reason}" for one in marks))


def format_mark_counts(counts: Mapping[Mark, int]) -> str:
    """Return the number of values with each mark, such as `12 too-old, 3 last-failed`."""
    return ", ".join(f"{number} {mark}" for mark, number in counts.items())


def print_marked(chip_id: str, counts: Mapping[Mark, int], *, of: str) -> None:
    """Print the number of values with each mark, if there are any, with the command that lists them."""
    if counts:
        print_message(f"{of}: {format_mark_counts(counts)}; `qdash metrics {chip_id} --marked` lists them")
