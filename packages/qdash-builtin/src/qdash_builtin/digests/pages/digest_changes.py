"""Changes in a digest: moved values, targets that are fit again, and changes by users."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from qdash_builtin.digests.pages.digest_advice import make_comparison_url
from qdash_builtin.values.pages.value_changes import format_value_or_none
from qdash_core.models.estimates import format_sigmas as format_signed_sigmas
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.judgement import Fitness
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.quantities import format_count
from qdash_core.models.target_lists import format_targets as format_ranges
from qdash_core.models.times import format_duration
from qdash_ui_streamlit.display.fact_lists import (
    format_details,
    format_list,
    format_section,
    format_shortened_list,
    format_targets,
)
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.object_links import format_object
from qdash_ui_streamlit.display.quantities import use_unit_symbols
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.display.target_lists import make_target_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.digests.views import (
        DigestDocument,
        ManualChangeDocument,
        MoveDocument,
        MovedParameterDocument,
    )
    from qdash_ui_streamlit.view import View

_MOST_NAMED, _MOST_LINES = 3, 4
_SIDES = ("worsened", "improved", "neutral")
_WORDS = {"worsened": "worse", "improved": "better", "neutral": "moved"}
_SIGNS = {"worsened": "▼", "improved": "▲", "neutral": "⇝"}


def format_changes(view: View, digest: DigestDocument) -> str:
    """Return the moved values and the targets that are fit again as HTML."""
    n = sum(len(getattr(one, side)) for one in digest.moved for side in _SIDES)
    compare = format_link(
        make_comparison_url(view, digest),
        format_count(n, "value"),
        title="Compares the chip with the start of the digest",
    )
    moved = [_format_moved(view, digest.chip_id, one) for one in digest.moved]
    return (
        format_section(
            "Moved beyond usual scatter",
            f"{compare}{format_shortened_list(moved, _MOST_LINES)}" if moved else "",
        )
        + format_section("Unstable", format_shortened_list([*_iter_unstable(view, digest)], _MOST_LINES))
        + format_section("Newly fit", format_shortened_list([*_iter_newly_fit(view, digest)], _MOST_LINES))
    )


def _iter_unstable(view: View, digest: DigestDocument) -> Iterator[str]:
    """Yield the levels and the mean times of each unstable value."""
    for one in digest.unstable:
        link = format_link(
            make_target_url(view, digest.chip_id, one.target, metric=one.parameter), one.target
        )
        levels = f"{one.lower:.4g} and {one.upper:.4g} {unit_symbol(one.unit)}".rstrip()
        times = [format_duration(seconds, whole=True) for seconds in (one.dwell_lower_s, one.dwell_upper_s)]
        told = f"{one.title} {levels}, for {' and '.join(times)} on average"
        yield f"{link}: {escape(told)}"


def _format_moved(view: View, chip_id: str, moved: MovedParameterDocument) -> str:
    """Return the numbers of values of a parameter that moved; the values open on a click."""
    counts = ", ".join(
        f'<span aria-hidden="true">{_SIGNS[side]}</span>&nbsp;{len(getattr(moved, side))} {_WORDS[side]}'
        for side in _SIDES
        if getattr(moved, side)
    )
    values = format_list(
        _format_move(view, chip_id, moved.parameter, one) for side in _SIDES for one in getattr(moved, side)
    )
    shared = "".join(f"; {escape(one)} together" for one in moved.shared)
    return format_details(f"{escape(moved.title)}: {counts}{shared}", values)


def _format_move(view: View, chip_id: str, parameter: str, one: MoveDocument) -> str:
    link = format_link(make_target_url(view, chip_id, one.target, metric=parameter), one.target)
    values = f"{format_value_or_none(one.before)} → {format_value_or_none(one.after)}"
    return f"{link}: {escape(values)}{format_sigmas(one)}"


def format_sigmas(one: MoveDocument) -> str:
    """Return the signed size of a move in combined errors, ` (−8.2σ)`, empty if unknown."""
    if one.sigmas is None or one.difference is None:
        return ""
    return f" ({format_signed_sigmas(math.copysign(one.sigmas, one.difference))})"


def _iter_newly_fit(view: View, digest: DigestDocument) -> Iterator[str]:
    chip_id = digest.chip_id
    new = [one for one in digest.newly_fit if one.before in (None, Fitness.UNKNOWN)]
    again = [one for one in digest.newly_fit if one.before not in (None, Fitness.UNKNOWN)]
    for title, changed in (("fit again", again), ("calibrated for the first time", new)):
        if changed:
            names = [one.target for one in changed]
            text = f"{len(names)} {title}: {escape(format_ranges(names))}"
            yield format_details(
                format_status_html("calibrated", "") + text, format_targets(view, chip_id, names)
            )
    for change in digest.met_specification:
        text = f"{len(change.values)} {change.title} within specification again"
        targets = format_targets(view, chip_id, [*change.values], metric=change.metric)
        yield f"{format_status_html('within', text)}: {targets}"


def format_manual_changes(view: View, digest: DigestDocument) -> str:
    """Return the changes by users as HTML: values, then targets that were set aside."""
    changes = [_format_manual(view, digest.chip_id, one) for one in digest.manual]
    aside = [
        f"{format_link(make_target_url(view, digest.chip_id, one.target), one.target)}: "
        f"{format_status_html(one.fitness)}{f': {escape(one.note)}' if one.note else ''}"
        for one in digest.set_aside
    ]
    return format_section("Changes by users", format_shortened_list(changes, _MOST_LINES)) + format_section(
        "Set aside", format_shortened_list(aside, _MOST_LINES)
    )


def _format_manual(view: View, chip_id: str, one: ManualChangeDocument) -> str:
    address = view.link("chip", chip=chip_id, view="changes", event=one.number)
    names = summarize_names(one.titles, _MOST_NAMED)
    what = f"{names} of {format_ranges(one.targets)}" if names else format_ranges(one.targets)
    what += f", {one.change}" if one.change else ""
    reason = f": {escape(one.reason)}" if one.reason else ""
    return f"{format_link(address, f'event {one.number}')}: {format_object(view, 'user', one.username)} {escape(one.verb)} {escape(use_unit_symbols(what))}{reason}"
