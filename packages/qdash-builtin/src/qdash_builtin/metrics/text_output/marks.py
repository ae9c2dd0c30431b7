"""Text output of the marks of values: legend, reasons, and counts with the command that lists the values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_cli.rendering.output import print_message
from qdash_core.models.marks import Mark
from qdash_core.models.quantities import use_unit_symbols

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.models.marks import ValueMark

MARK_LEGEND = {mark: f"{mark.sign} {mark} ({mark.explanation})" for mark in Mark}
"""Entry of each mark in the legend of a table."""


_BY_SEVERITY = (
    Mark.NO_SIGNAL,
    Mark.LAST_FAILED,
    Mark.SET_BROKEN,
    Mark.CONTRADICTED,
    Mark.DISPUTED,
    Mark.OTHER_COOLDOWN,
    Mark.TOO_OLD,
    Mark.INPUTS_MOVED,
    Mark.SETTING_CHANGED,
    Mark.TRUSTED_BY_USER,
)


def get_severity(mark: Mark) -> int:
    """Return the place of a mark in a list, the most severe one first."""
    return _BY_SEVERITY.index(mark)


def format_marks(marks: Iterable[ValueMark]) -> str:
    """Return marks with their reasons on one line, the most severe one first."""
    ordered = sorted(marks, key=lambda one: get_severity(one.mark))
    return use_unit_symbols("; ".join(f"{one.mark}: {one.reason}" for one in ordered))


def format_mark_counts(counts: Mapping[Mark, int]) -> str:
    """Return the number of values with each mark, such as `12 too-old, 3 last-failed`."""
    return ", ".join(f"{number} {mark}" for mark, number in counts.items())


def print_marked(chip_id: str, counts: Mapping[Mark, int], *, of: str) -> None:
    """Print the number of values with each mark, if there are any, with the command that lists them, or those that failed last."""
    if not counts:
        return
    command = f"qdash metrics {chip_id} --marked"
    advice = f"`{command}` lists them"
    if Mark.LAST_FAILED in counts:
        others = ", and `--marked` without a mark lists all" if len(counts) > 1 else ""
        advice = f"`{command} {Mark.LAST_FAILED}` lists those whose newest measurement failed{others}"
    print_message(f"{of}: {format_mark_counts(counts)}; {advice}")
