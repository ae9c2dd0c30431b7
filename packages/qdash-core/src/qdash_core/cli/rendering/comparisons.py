"""What a file says beside what a chip has, as a table for people."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from qdash_core.cli.rendering.output import counted, quantity, say, table
from qdash_core.cli.rendering.times import short_moment
from qdash_core.formats.comparing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from qdash_core.exchange.passing import Incoming
    from qdash_core.formats.brought import NotUnderstood
    from qdash_core.formats.comparing import Compared, Comparison, Known

_SHOWN = 12
"""So many places are named of what was left out for one reason."""


def show_comparison(incoming: Incoming, zone: ZoneInfo) -> None:
    """Show what is new, differs, is older or unknown, row by row; how much is the same; and what was left out.

    Of a chip that is made everything is new, and is only counted.
    """
    found = incoming.comparison
    left_out = {Standing.SAME, Standing.NEW} if incoming.makes_a_chip else {Standing.SAME}
    rows = [_row(one, zone) for one in found.numbers if one.standing not in left_out]
    if rows:
        table(("target", "parameter", "chip", "file", "", "where"), rows, fold=("", "where"))
        say()
    for line in _said(incoming, found):
        say(line)


def _row(one: Compared, zone: ZoneInfo) -> tuple[str, ...]:
    parameter = f"{one.parameter} (design)" if one.kind == "design" else one.parameter
    standing = str(one.standing)
    if one.sigmas is not None and one.standing is Standing.DIFFERS:
        standing = f"differs, {one.sigmas:.1f} sigma"
    if one.standing is Standing.OLDER and one.had is not None:
        times = (short_moment(known.measured_at, zone) for known in (one.brought, one.had))
        standing = f"older, {' before '.join(times)}"
    if one.standing is Standing.UNKNOWN:
        standing = f"unknown: {one.why}"
    return (
        one.target,
        parameter,
        _shown(one.had, one.unit),
        _shown(one.brought, one.unit),
        standing,
        one.place,
    )


def _shown(known: Known | None, unit: str) -> str:
    if known is None:
        return "-"
    return "none" if known.value is None else quantity(known.value, known.error, unit)


def _said(incoming: Incoming, found: Comparison) -> Iterator[str]:
    what = (
        f"chip {incoming.chip_id}, which is not there yet"
        if incoming.makes_a_chip
        else f"chip {incoming.chip_id}"
    )
    counts = Counter(one.standing for one in found.numbers)
    told = ", ".join(f"{counts[standing]} {_spoken(standing)}" for standing in Standing if counts[standing])
    yield f"{incoming.source.path} ({incoming.source.format}) for {what}: {told or 'no values'}"
    if counts[Standing.OLDER] and not found.older:
        yield "what is older than the chip's is left; --older brings it"
    if found.wiring is not None:
        yield f"wiring: {_spoken(found.wiring)}"
    if found.layout:
        yield f"the layout of a chip is not changed: {found.layout}"
    yield from _not_understood(found.not_understood)


def _spoken(standing: Standing) -> str:
    return "differ" if standing is Standing.DIFFERS else str(standing)


def _not_understood(passed: tuple[NotUnderstood, ...]) -> Iterator[str]:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for one in passed:
        by_reason.setdefault((one.file, one.why), []).append(one.key)
    for (file, why), keys in by_reason.items():
        named = ", ".join(key for key in keys[:_SHOWN] if key)
        more = f" and {counted(len(keys) - _SHOWN, 'place')} more" if len(keys) > _SHOWN else ""
        yield f"left out: {file}{f', {named}' if named else ''}{more}: {why}"
