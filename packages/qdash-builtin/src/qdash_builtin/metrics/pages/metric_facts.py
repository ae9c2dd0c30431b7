"""Numbers of the page of metrics: facts of each set of values, correlation in words, table of the values."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.pages.marks import HELP, WORDS
from qdash_builtin.metrics.pages.metric_figures import (
    STYLES,
    get_metric_scale,
    round_number,
)
from qdash_builtin.metrics.pages.specification import OUTSIDE, WITHIN
from qdash_builtin.metrics.pages.value_selection import name_any
from qdash_core.models.quantities import round_as_shown, round_to_error
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fact_lists import format_targets
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.lines import draw_lines, format_link
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.quantities import format_unit, format_value, use_unit_symbols
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.display.times import format_age

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.metrics.pages.metric_selection import MetricSelection
    from qdash_builtin.metrics.pages.specification import Scale
    from qdash_builtin.metrics.views.metric_statistics import (
        CoefficientDocument,
        MetricStatisticsDocument,
        SetStatisticsDocument,
        TargetValueDocument,
    )
    from qdash_ui_streamlit.view import View

# Nine facts fit into two rows.
_STYLE = """<style>
.st-key-metric_facts dl.facts { grid-template-columns: repeat(auto-fill, minmax(8.2rem, 1fr)); }
.st-key-metric_facts h2 { font-size: 1rem; padding: 0; margin: 0; }
</style>"""


def name_sets(view: View, selection: MetricSelection, found: MetricStatisticsDocument) -> list[str]:
    """Return the name of each set of values: its chip, and its period if both are not alike."""
    chosen = [selection.first, *([] if selection.second is None else [selection.second])]
    periods = [
        one.describe(view, name_any(view, values.cooldowns).lower())
        for one, values in zip(chosen, found.sets, strict=True)
    ]
    if len(found.sets) > 1 and len({*periods}) == 1:
        return [one.chip_id for one in found.sets]
    return [f"{one.chip_id}, {period}" for one, period in zip(found.sets, periods, strict=True)]


def draw_set_facts(view: View, found: MetricStatisticsDocument, names: Sequence[str]) -> None:
    """Draw number, yield, best value, mean, median, quartiles and scatter of each set."""
    with st.container(key="metric_facts"):
        st.html(_STYLE)
        for style, name, one in zip(STYLES, names, found.sets, strict=False):
            if len(found.sets) > 1:
                sign = f'<span style="color:{style.css_colour}" aria-hidden="true">{style.sign}</span>'
                st.html(f"<h2>{sign} {escape(name)}</h2>")
            draw_facts(_list_facts(view, found, one))


def draw_difference_link(view: View, selection: MetricSelection, found: MetricStatisticsDocument) -> None:
    """Draw a link to the differences of each target, if the values are those of one chip at two points in time.

    Figures of two sets do not show them: the sets may have different targets.
    """
    if selection.second is None or selection.second_chip is not None:
        return
    before, after = (one.get_point_in_time() for one in (selection.second, selection.first))
    if before is None or after is None or before == after:
        return
    address = view.link(
        "compare",
        chip=found.sets[0].chip_id,
        before=before,
        after=after,
        all="on",
        parameter=found.metric,
    )
    st.markdown(f"[Differences of each {found.kind}, with their significance]({address})")


def draw_remarks(view: View, found: MetricStatisticsDocument, names: Sequence[str]) -> None:
    """Draw what the numbers of each set leave out or include."""
    is_shared = len(found.sets) > 1
    for name, one in zip(names, found.sets, strict=False):
        remarks = _list_remarks(view, one)
        draw_lines(
            [[f"<b>{escape(name)}</b>"] if is_shared and remarks else [], *([each] for each in remarks)]
        )


def describe_correlation(found: MetricStatisticsDocument, names: Sequence[str]) -> list[str]:
    """Return the coefficients of each set, or why there are none, as Markdown."""
    lines = []
    for name, one in zip(names, found.sets, strict=True):
        correlation = one.correlation
        if correlation is None:
            continue
        if correlation.pearson is None or correlation.spearman is None:
            words = correlation.describe_absence()
        else:
            words = (
                f"Spearman {_format_coefficient(correlation.spearman)}, Pearson {_format_coefficient(correlation.pearson)}, "
                f"{correlation.n} targets with both values"
            )
        lines.append(f"**{escape_markdown(name)}**: {words}.")
    return lines


def draw_value_table(view: View, found: MetricStatisticsDocument, names: Sequence[str]) -> None:
    """Draw a row for each target, those without a value last."""
    is_shared = len(found.sets) > 1
    computed = found.mode != "latest"
    columns = [
        *([Column("set", "Values of")] if is_shared else []),
        Column("target", "Target", link="target_link"),
        Column("shown", "Value", "quantity", link="history", help="Opens the history"),
        *(
            [
                Column("n", "Results", "number"),
                Column("std", "Standard deviation", "quantity", help="Of these results"),
            ]
            if computed
            else []
        ),
        Column("specification", "Specification", "status"),
        Column("marks", "Marks", "states", help=HELP),
        Column("at", "Measured", "time", link="result", help="Opens the result"),
    ]
    scale = get_metric_scale(found)
    rows = []
    for name, one in zip(names, found.sets, strict=True):
        rows += [_make_row(view, found, one, value, scale) | {"set": name} for value in one.values]
        rows += [
            {"set": name, "target": target, "target_link": make_target_url(view, one.chip_id, target)}
            for target in one.missing
        ]
    table(view, columns, rows, key="metrics.table", label="Values of the metric")


def _list_facts(
    view: View, found: MetricStatisticsDocument, one: SetStatisticsDocument
) -> dict[str, str | None]:
    scale, summary, best = get_metric_scale(found), one.summary, one.best_value
    shown = found.definition and found.definition.specification
    share = (
        None if summary.fraction_within is None else f"{100 * summary.fraction_within:.0f}\N{NO-BREAK SPACE}%"
    )
    newest = max(
        (value.calibrated_at for value in one.values if value.calibrated_at is not None), default=None
    )
    return {
        "Measured": f"{summary.n} of {summary.targets} {found.kind}s",
        "Yield": None if share is None else f"{share} ({summary.within} of {summary.targets})",
        "Specification": escape(use_unit_symbols(shown)) if shown else None,
        "Best": None
        if best is None
        else f"{escape(format_value(*_round_value(best, scale)))} on {format_link(make_target_url(view, one.chip_id, best.target, metric=found.metric), best.target)}",
        "Average": None if one.mean is None else escape(format_value(*scale.shown(one.mean, one.mean_error))),
        "Median": _format(summary.median, scale, one.mean_error),
        "Quartiles": None
        if one.lower_quartile is None
        else f"{_format(one.lower_quartile, scale, one.mean_error, with_unit=False)} to {_format(one.upper_quartile, scale, one.mean_error)}",
        "Standard deviation": None
        if one.std is None
        else escape(format_value(*_round_deviation(one.std, scale))),
        "Newest measurement": None
        if newest is None
        else f'<span title="{escape(view.moment(newest))}">{format_age(newest, view.now())}</span>',
    }


def _format(value: float | None, scale: Scale, error: float | None, *, with_unit: bool = True) -> str | None:
    """Return a stored value in the display unit as HTML, with the digits that the error of the mean justifies."""
    if value is None:
        return None
    shown = scale.factor * value
    unit = scale.unit if with_unit else ""
    if not error:
        return escape(format_value(round_number(shown, scale.unit), None, unit))
    number = round_to_error(abs(scale.factor) * error, shown)
    return escape(f"{number}\N{NO-BREAK SPACE}{format_unit(unit)}" if unit else number)


def _round_value(value: TargetValueDocument, scale: Scale) -> tuple[float, float | None, str]:
    """Return a value, its error and its unit as displayed; one computed of results has the digits that their scatter justifies."""
    shown, error, unit = scale.shown(value.value, value.error)
    if error is not None or value.n is None:
        return shown, error, unit
    if not value.std:
        return round_number(shown, unit), None, unit
    return round_as_shown(shown, abs(scale.factor) * value.std), None, unit


def _round_deviation(deviation: float, scale: Scale) -> tuple[float, None, str]:
    return float(f"{abs(scale.factor) * deviation:.2g}"), None, scale.unit


def _list_remarks(view: View, one: SetStatisticsDocument) -> list[str]:
    """Return the targets without a value, the excluded ones and those in another unit as HTML."""
    remarks = []
    if one.missing:
        remarks.append(f"No value of {format_targets(view, one.chip_id, one.missing)}")
    if one.set_aside:
        remarks.append(
            f"Counted although excluded or dead: {format_targets(view, one.chip_id, one.set_aside)}"
        )
    if one.other_units:
        remarks.append(
            f"Left out, stored in another unit: {format_targets(view, one.chip_id, one.other_units)}"
        )
    return remarks


def _format_coefficient(one: CoefficientDocument) -> str:
    return f"{one.value:.2f} (95\N{NO-BREAK SPACE}% interval {one.low:.2f} to {one.high:.2f})".replace(
        "-", "\N{MINUS SIGN}"
    )


def _make_row(
    view: View,
    found: MetricStatisticsDocument,
    one: SetStatisticsDocument,
    value: TargetValueDocument,
    scale: Scale,
) -> dict[str, Any]:
    target = value.target
    states = {True: WITHIN, False: OUTSIDE}
    return {
        "target": target if value.control is None else f"{target} ({value.control} controls)",
        "target_link": make_target_url(view, one.chip_id, target),
        "history": make_target_url(view, one.chip_id, target, metric=found.metric),
        "shown": _round_value(value, scale),
        "n": value.n,
        "std": None if value.std is None else _round_deviation(value.std, scale),
        "specification": None if value.within is None else states[value.within],
        "marks": [{"state": str(mark), "text": WORDS[mark]} for mark in value.marks or ()],
        "at": value.calibrated_at,
        "result": view.link("result", result=value.task_id) if value.task_id else None,
    }
