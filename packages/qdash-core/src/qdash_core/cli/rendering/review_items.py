"""Text of flagged results: a table of all, or one in full."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from qdash_core.cli.rendering.output import (
    format_count,
    format_reasons,
    print_indented,
    print_message,
    print_table,
)
from qdash_core.cli.rendering.times import format_short_time, format_time_header
from qdash_core.models.analysis_names import name_analysis
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.quantities import format_quantity, use_minus_sign, use_unit_symbols
from qdash_core.models.target_lists import name_measurement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_core.metrics.history import HistoryPoint
    from qdash_core.models.chip import ParameterModel
    from qdash_core.review.item import ReviewedValue, ReviewItem
    from qdash_core.values.writer import ValueEvent

_BARS = "▁▂▃▄▅▆▇█"
_MARKS = {"accepted": "", "flagged": "?", "rejected": "x"}
_SHOWN_VALUES = 6
"""Number of values that are written beside the line of the history."""


def show_review_table(items: Sequence[ReviewItem], zone: ZoneInfo) -> None:
    """Print a row for each flagged value."""
    measured = format_time_header("measured", zone, (one.result.start_at for one in items))
    print_table(
        (
            "target",
            "task",
            measured,
            "parameter",
            "flagged",
            "in use",
            "sigma",
            "state",
            "reasons",
            "task id",
        ),
        (
            (
                item.result.qid,
                item.result.name,
                format_short_time(item.result.start_at, zone),
                value.name,
                _format(value.value),
                _format(value.in_use),
                _format_sigmas(value),
                item.state,
                format_reasons(item.result.reasons),
                item.result.task_id,
            )
            for item in items
            for value in item.values
        ),
        fold=("reasons",),
    )


def show_review_item(item: ReviewItem, zone: ZoneInfo, *, place: str) -> None:
    """Print a flagged result: reasons, values beside those in use, the effect of an acceptance, history, related results and note.

    Parameters
    ----------
    item : ReviewItem
        The result.
    zone : ZoneInfo
        Time zone of the times.
    place : str
        Place of the result in the review, such as `3 of 20`.
    """
    result = item.result
    control = "" if result.control is None else f" (control {result.control})"
    print_message()
    print_message(
        f"{place}: {name_measurement(result.name, result.qid)}{control}, measured "
        f"{format_short_time(result.start_at, zone)} in {result.execution_id}, {item.state}"
    )
    by = f"flagged by {', '.join(result.flagged_by)}: " if result.flagged_by else "flagged: "
    print_indented(by + format_reasons(result.reasons), indent="  ", further="    ")
    if result.refit_of:
        print_indented(
            f"{name_analysis(result.analysis_model)} of {result.refit_of}", indent="  ", further="    "
        )
    print_message()
    print_table(
        ("", "flagged", "in use", "difference", "sigma", "after acceptance"),
        (
            (
                one.name,
                _format(one.value),
                _format(one.in_use),
                _format_difference(one),
                _format_sigmas(one),
                "refused" if item.refusal else _format_effect(one),
            )
            for one in item.values
        ),
    )
    print_message()
    for one in item.values:
        print_indented(_describe_history(one), indent="  ", further="    ")
    if item.refusal:
        print_indented(f"cannot be accepted: {item.refusal}", indent="  ", further="    ")
    for related in item.related:
        why = f": {use_unit_symbols(related.message)}" if related.message else ""
        when = format_short_time(related.start_at, zone)
        print_indented(
            f"also on {result.qid}: {related.name} {related.outcome_in_force} {when}{why} [{related.task_id[:8]}]",
            indent="  ",
            further="    ",
        )
    if result.user_note.content:
        print_indented(
            f"note by {result.user_note.updated_by}: {result.user_note.content}", indent="  ", further="    "
        )


def describe_event(event: ValueEvent) -> str:
    """Return the changes of an event, such as `event 17: t1 81.5(13) → 20.4(9) µs; 54 is fit again`, or that no value changed."""
    changes = [
        f"{name} {_format(change.before)} → {_format(change.after)}"
        for part in event.parts
        for name, change in part.values.items()
    ]
    fitness = [f"{qid} is {use_unit_symbols(str(one))}" for qid, one in event.fitness.items()]
    return f"event {event.number}: {'; '.join([*changes, *fitness]) or 'no value in use changed'}"


def show_review_commands(chip_id: str, items: Sequence[ReviewItem], options: str) -> None:
    """Print the commands for decisions, for a list that is not reviewed one by one."""
    count = len(items)
    print_message()
    print_message(
        f"{format_count(count, 'result')}: `qdash review {chip_id}{options}` in a terminal shows them one by one; or use `qdash values "
        f"accept TASK_ID`, `qdash values reject TASK_ID --reason TEXT`, `qdash task refit TASK_ID`, `qdash task figure TASK_ID -o FILE`"
    )


def _format(value: ParameterModel | None) -> str:
    return "-" if value is None else format_quantity(value.value, value.error, value.unit)


def _format_difference(reviewed: ReviewedValue) -> str:
    if reviewed.difference is None:
        return "-"
    return f"{use_minus_sign(f'{reviewed.difference:+.3g}')} {unit_symbol(reviewed.value.unit)}".rstrip()


def _format_sigmas(reviewed: ReviewedValue) -> str:
    return "-" if reviewed.sigmas is None else f"{reviewed.sigmas:.1f}"


def _format_effect(reviewed: ReviewedValue) -> str:
    if reviewed.accepted is not None:
        return _format(reviewed.accepted)
    return "stays: measured later" if reviewed.is_kept else "stays"


def _describe_history(reviewed: ReviewedValue) -> str:
    """Return the last values, oldest first, as a line of bars and as numbers with marks."""
    points = list(reversed(reviewed.history))
    bars = draw_bars([float(one.parameter["value"]) for one in points])
    values = ", ".join(_format_point(one) for one in points[-_SHOWN_VALUES:])
    unit = unit_symbol(reviewed.value.unit)
    return f"{reviewed.name} {bars} {values} {unit}".rstrip() + " (* in use, ? flagged, x rejected)"


def _format_point(point: HistoryPoint) -> str:
    value, error = point.parameter["value"], point.parameter.get("error")
    mark = "*" if point.in_use else _MARKS.get(point.outcome, "")
    return format_quantity(value, error, "") + mark


def draw_bars(values: Sequence[float]) -> str:
    """Return a line of bars, one for each value, from the smallest to the largest; empty if the output cannot show them."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    if not encoding.startswith("utf") or not values:
        return ""
    least, span = min(values), max(values) - min(values)
    if not span:
        return _BARS[len(_BARS) // 2] * len(values)
    return "".join(_BARS[round((one - least) / span * (len(_BARS) - 1))] for one in values)
