"""Table of the comparison of a file with a chip."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from qdash_builtin.exchange.formats.comparison import ComparisonState
from qdash_cli.rendering.output import format_count, print_message, print_table
from qdash_cli.rendering.times import format_short_time
from qdash_core.models.quantities import format_quantity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from qdash_builtin.exchange.views.exchange import (
        ComparedDocument,
        ComparedNumber,
        IgnoredEntryDocument,
        ImportDocument,
    )

_MAX_KEYS = 12
"""Maximum number of keys named for each reason of ignored entries."""


def show_comparison(found: ImportDocument, zone: ZoneInfo, *, older: bool) -> None:
    """Print new, different, older and unknown numbers, the count of equal ones, and the ignored entries.

    In a new chip everything is new, so it is only counted. `older` tells whether values that are older than the chip's are imported, too.
    """
    left_out = {ComparisonState.SAME, ComparisonState.NEW} if found.makes_a_chip else {ComparisonState.SAME}
    rows = [_make_comparison_row(one, zone) for one in found.numbers if one.standing not in left_out]
    if rows:
        print_table(("target", "parameter", "chip", "file", "", "where"), rows, fold=("", "where"))
        print_message()
    for line in _make_summary_lines(found, older=older):
        print_message(line)


def _make_comparison_row(one: ComparedDocument, zone: ZoneInfo) -> tuple[str, ...]:
    parameter = f"{one.parameter} (design)" if one.kind == "design" else one.parameter
    standing = ComparisonState(one.standing)
    state = str(standing)
    if one.sigmas is not None and standing is ComparisonState.DIFFERS:
        state = f"differs, {one.sigmas:.1f} sigma"
    if standing is ComparisonState.OLDER and one.chip is not None:
        times = (format_short_time(known.measured_at, zone) for known in (one.file, one.chip))
        state = f"older, {' before '.join(times)}"
    if standing is ComparisonState.UNKNOWN:
        state = f"unknown: {one.why}"
    return (
        one.target,
        parameter,
        _format_number(one.chip, one.unit),
        _format_number(one.file, one.unit),
        state,
        one.place,
    )


def _format_number(known: ComparedNumber | None, unit: str) -> str:
    if known is None:
        return "-"
    return "none" if known.value is None else format_quantity(known.value, known.error, unit)


def _make_summary_lines(found: ImportDocument, *, older: bool) -> Iterator[str]:
    what = f"chip {found.chip_id}{', which does not exist yet' if found.makes_a_chip else ''}"
    counts = Counter(ComparisonState(one.standing) for one in found.numbers)
    message = ", ".join(
        f"{counts[state]} {_format_state(state)}" for state in ComparisonState if counts[state]
    )
    yield f"{found.path} ({found.format}) for {what}: {message or 'no values'}"
    if counts[ComparisonState.OLDER] and not older:
        yield "values older than the chip's are not imported: import them with --older"
    if found.wiring is not None:
        yield f"wiring: {_format_state(found.wiring)}"
    if found.layout:
        yield f"the layout of an existing chip is not changed: {found.layout}"
    yield from (f"warning: {one}" for one in found.warnings or ())
    yield from _make_skipped_lines(found.not_understood)


def _format_state(state: str) -> str:
    return "differ" if state == ComparisonState.DIFFERS else str(state)


def _make_skipped_lines(skipped: list[IgnoredEntryDocument]) -> Iterator[str]:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for one in skipped:
        by_reason.setdefault((one.file, one.why), []).append(one.key)
    for (file, why), keys in by_reason.items():
        named = ", ".join(key for key in keys[:_MAX_KEYS] if key)
        more = f" and {format_count(len(keys) - _MAX_KEYS, 'place')} more" if len(keys) > _MAX_KEYS else ""
        yield f"left out: {file}{f', {named}' if named else ''}{more}: {why}"
