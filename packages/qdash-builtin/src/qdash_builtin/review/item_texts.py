"""Text of flagged results: a table of all, or one in full."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from qdash_cli.rendering.output import (
    format_count,
    format_reasons,
    format_value,
    print_indented,
    print_message,
    print_table,
)
from qdash_cli.rendering.times import format_short_time, format_time_header
from qdash_core.models.analysis_names import name_analysis
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.quantities import format_quantity, use_minus_sign, use_unit_symbols
from qdash_core.models.target_lists import name_measurement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.metrics.views.metric_history import HistoryPointDocument
    from qdash_builtin.review.views import RelatedResultDocument, ReviewedValueDocument, ReviewItemDocument
    from qdash_builtin.values.views.shown_values import ValueDocument
    from qdash_builtin.values.views.values import ValueEventDocument

_BARS = "▁▂▃▄▅▆▇█"
_MARKS = {"accepted": "", "flagged": "?", "rejected": "x"}
_SHOWN_VALUES = 6
"""Number of values that are written beside the line of the history."""


def show_review_table(items: Sequence[ReviewItemDocument], zone: ZoneInfo) -> None:
    """Print a row for each flagged value."""
    measured = format_time_header("measured", zone, (one.start_at for one in items))
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
                item.target,
                item.task,
                format_short_time(item.start_at, zone),
                value.parameter,
                _format(value.value),
                _format(value.in_use),
                _format_sigmas(value),
                item.state,
                format_reasons(item.reasons),
                item.task_id,
            )
            for item in items
            for value in item.values
        ),
        fold=("reasons",),
    )


def show_review_item(item: ReviewItemDocument, zone: ZoneInfo, *, place: str) -> None:
    """Print a flagged result: reasons, values beside those in use, the effect of an acceptance, history, related results and note.

    `place` is that of the result in the review, such as `3 of 20`.
    """
    control = "" if item.control is None else f" (control {item.control})"
    print_message()
    print_message(
        f"{place}: {name_measurement(item.task, item.target)}{control}, measured "
        f"{format_short_time(item.start_at, zone)} in {item.execution_id}, {item.state}"
    )
    by = f"flagged by {', '.join(item.flagged_by)}: " if item.flagged_by else "flagged: "
    print_indented(by + format_reasons(item.reasons), indent="  ", further="    ")
    if item.refit_of:
        print_indented(
            f"{name_analysis(item.analysis_model)} of {item.refit_of}", indent="  ", further="    "
        )
    print_message()
    print_table(
        ("", "flagged", "in use", "difference", "sigma", "after acceptance"),
        (
            (
                one.parameter,
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
            f"also on {item.target}: {related.task} {_get_outcome(related)} {when}{why} [{related.task_id[:8]}]",
            indent="  ",
            further="    ",
        )
    if item.note is not None and item.note.content:
        print_indented(f"note by {item.note.updated_by}: {item.note.content}", indent="  ", further="    ")


def describe_event(event: ValueEventDocument) -> str:
    """Return the changes of an event, such as `event 17: t1 81.5(13) → 20.4(9) µs; 54 is fit again`, or that no value changed."""
    changes = [f"{one.parameter} {_format(one.before)} → {_format(one.after)}" for one in event.changes]
    fitness = [f"{qid} is {use_unit_symbols(one.describe())}" for qid, one in (event.fitness or {}).items()]
    return f"event {event.number}: {'; '.join([*changes, *fitness]) or 'no value in use changed'}"


def show_review_commands(chip_id: str, items: Sequence[ReviewItemDocument], options: str) -> None:
    """Print the commands for decisions, for a list that is not reviewed one by one."""
    count = len(items)
    print_message()
    print_message(
        f"{format_count(count, 'result')}: `qdash review {chip_id}{options}` in a terminal shows them one by one; or use `qdash values "
        f"accept TASK_ID`, `qdash values reject TASK_ID --reason TEXT`, `qdash task refit TASK_ID`, `qdash task figure TASK_ID -o FILE`"
    )


def _format(value: ValueDocument | None) -> str:
    return format_value(value) or "-"


def _get_outcome(related: RelatedResultDocument) -> str:
    return related.verdict if related.verdict and related.status == "completed" else related.status


def _format_difference(reviewed: ReviewedValueDocument) -> str:
    if reviewed.difference is None:
        return "-"
    return f"{use_minus_sign(f'{reviewed.difference:+.3g}')} {unit_symbol(reviewed.value.get('unit', ''))}".rstrip()


def _format_sigmas(reviewed: ReviewedValueDocument) -> str:
    return "-" if reviewed.sigmas is None else f"{reviewed.sigmas:.1f}"


def _format_effect(reviewed: ReviewedValueDocument) -> str:
    if reviewed.accepted is not None:
        return _format(reviewed.accepted)
    return "stays: measured later" if reviewed.kept else "stays"


def _describe_history(reviewed: ReviewedValueDocument) -> str:
    """Return the last values, oldest first, as a line of bars and as numbers with marks."""
    points = list(reversed(reviewed.history))
    bars = draw_bars([float(one.value) for one in points])
    values = ", ".join(_format_point(one) for one in points[-_SHOWN_VALUES:])
    unit = unit_symbol(reviewed.value.get("unit", ""))
    return f"{reviewed.parameter} {bars} {values} {unit}".rstrip() + " (* in use, ? flagged, x rejected)"


def _format_point(point: HistoryPointDocument) -> str:
    mark = "*" if point.in_use else _MARKS.get(point.outcome, "")
    return format_quantity(point.value, point.error, "") + mark


def draw_bars(values: Sequence[float]) -> str:
    """Return a line of bars, one for each value, from the smallest to the largest; empty if the output cannot show them."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    if not encoding.startswith("utf") or not values:
        return ""
    least, span = min(values), max(values) - min(values)
    if not span:
        return _BARS[len(_BARS) // 2] * len(values)
    return "".join(_BARS[round((one - least) / span * (len(_BARS) - 1))] for one in values)
