"""Flagged result of a review: reasons, values beside those in use, figure, history, and other failures on and around its target."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.pages.target_history_figure import make_history_figure
from qdash_builtin.metrics.pages.specification import get_scale
from qdash_builtin.metrics.pages.titles import load_titles, replace_names
from qdash_builtin.results.pages.result_figures import draw_plotly, name_figure
from qdash_builtin.runs.pages.verdicts import describe_decision
from qdash_builtin.values.review_state import ReviewState
from qdash_core.models.analysis_names import name_analysis
from qdash_core.models.targets import get_target_kind
from qdash_ui_streamlit.components.figure import show_figure
from qdash_ui_streamlit.display.columns import make_wide_and_narrow
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.markdown import format_message_html
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.object_links import format_object
from qdash_ui_streamlit.display.quantities import MISSING, format_difference, format_value
from qdash_ui_streamlit.display.statuses import describe_outcome, format_status_html
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.display.times import format_age

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.figures.views import FigureDocument
    from qdash_builtin.metrics.pages.specification import Scale
    from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionDocument
    from qdash_builtin.review.views import ReviewedValueDocument, ReviewItemDocument
    from qdash_builtin.runs.views.results import ResultDocument
    from qdash_builtin.values.views.shown_values import ValueDocument
    from qdash_ui_streamlit.view import View

_STYLE = """<style>
.qd-review h2 { padding: 0 0 0.2rem; margin: 0; font-size: 1.4rem; }
.qd-review h3 { font-size: 1rem; padding: 0.9rem 0 0.2rem; margin: 0; }
.qd-review ul { margin: 0.3rem 0 0; padding-left: 1.2rem; }
.qd-review ul.why { list-style: none; padding-left: 0; font-size: 1.05rem; }
.qd-review table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
.qd-review :is(th, td) { text-align: left; padding: 0.25rem 0.6rem 0.25rem 0; border-bottom: 1px solid rgb(128 128 128 / 30%); vertical-align: top; }
.qd-review td.n { font-variant-numeric: tabular-nums; }
.qd-review blockquote { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
</style>"""
_MOST_SHOWN = 8
_NO_BREAK = "\N{NO-BREAK SPACE}"
_HISTORY_HEIGHT = 260
_STATES = {
    ReviewState.WAITING: "awaits a decision",
    ReviewState.SUPERSEDED: "superseded by a later result: it no longer awaits a decision",
    ReviewState.EXCLUDED: "its target is excluded or dead: it does not await a decision",
    ReviewState.DECIDED: "decided",
}


def draw_item_head(view: View, item: ReviewItemDocument, place: str) -> None:
    """Draw the place in the review (`3 of 20`), the result with its origin, and why it is flagged."""
    kind = get_target_kind(item.target)
    flagged = f"{format_status_html('flagged')} by {escape(', '.join(item.flagged_by) or 'a validator')}"
    parts = [*([] if item.state is ReviewState.DECIDED else [flagged]), escape(_STATES[item.state])]
    if item.start_at is not None:
        parts.append(f"{view.time(item.start_at)}, {format_age(item.start_at, view.now())}")
    parts.append(format_link(view.link("result", result=item.task_id), "open the result"))
    parts.append(
        format_link(make_target_url(view, item.chip_id, item.target, task=item.task), f"{kind} {item.target}")
    )
    parts.append(format_link(view.link("execution", execution=item.execution_id), item.execution_id))
    parts.append(f"by {format_object(view, 'user', item.username)}")
    if item.control:
        parts.append(f"control qubit {escape(item.control)}")
    if item.refit_of:
        parts.append(
            f"{escape(name_analysis(item.analysis_model))} of {format_link(view.link('result', result=item.refit_of), 'an earlier result')}"
        )
    why, titles = [*item.reasons], load_titles(view)
    why += [f"{name} {describe_decision(decision)}" for name, decision in item.decisions.items()]
    why += [f"Cannot be accepted: {item.refusal}"] if item.refusal else []
    st.html(
        f"{_STYLE}<section class='qd-review' data-testid='review-item' data-result='{escape(item.task_id)}'>"
        f"<h2>{escape(place)}: {escape(item.task)} on {kind} {escape(item.target)}</h2>"
        f"<div>{' &nbsp;·&nbsp; '.join(parts)}</div>"
        f"<ul class='why'>{''.join(f'<li>{format_message_html(replace_names(one, titles))}</li>' for one in why)}</ul></section>"
    )


def draw_item(
    view: View,
    item: ReviewItemDocument,
    *,
    figure: FigureDocument | str,
    metrics: Mapping[str, MetricDefinitionDocument],
    nearby: Sequence[ResultDocument],
) -> None:
    """Draw the figure of a result (or the reason why there is none), its values, their history, failures and its note.

    `nearby` are recent failures on neighbours.
    """
    large, small = make_wide_and_narrow("review_item")
    with large:
        if isinstance(figure, str):
            show_empty(figure)
        else:
            draw_plotly(
                view, figure, "review.figure", label=name_figure(item.task, item.target), view_of=item.task_id
            )
    with small:
        _draw_section("Values", _format_values(item, metrics))
        _draw_history(view, item, metrics)
        parts = [
            _format_related(view, item),
            _format_nearby(view, nearby),
            _format_note(view, item),
        ]
        _draw_section("Other results and note", "".join(parts))


def _draw_section(label: str, inside: str) -> None:
    st.html(f"<section class='qd-review' aria-label='{label}'>{inside}</section>")


def _draw_history(
    view: View, item: ReviewItemDocument, metrics: Mapping[str, MetricDefinitionDocument]
) -> None:
    """Draw the last values of a metric: at first of that with the largest difference."""
    values = {one.parameter: one for one in item.values}
    if not values:
        return
    names = sorted(values, key=lambda name: -(values[name].sigmas or 0.0))
    name = names[0]
    if len(names) > 1:
        name = st.selectbox(
            "History of",
            names,
            key=f"review.metric.{item.task_id}",
            format_func=lambda one: get_scale(one, metrics.get(one)).title,
            width=320,
        )
    chosen = values[name]
    unit = chosen.value["unit"]
    drawn = make_history_figure(
        chosen.history,
        [],
        metrics.get(name),
        get_scale(name, metrics.get(name), unit),
        view.zone,
        in_use=None if chosen.in_use is None else chosen.in_use["task_id"],
        design=None,
    )
    drawn["layout"] |= {"height": _HISTORY_HEIGHT, "margin": {"l": 50, "r": 10, "t": 40, "b": 45}}
    label = f"History of {get_scale(name, metrics.get(name)).title} of {item.target}"
    show_figure(drawn, key="review.history", label=label, view_of=f"{item.task_id} {name}")


def _format_values(item: ReviewItemDocument, metrics: Mapping[str, MetricDefinitionDocument]) -> str:
    if not item.values:
        return ""
    head = "".join(
        f"<th scope='col'>{one}</th>" for one in ("Metric", "Flagged", "In use", "Difference", "If accepted")
    )
    rows = "".join(_format_value_row(one, metrics.get(one.parameter)) for one in item.values)
    return f"<h3>Values</h3><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _format_value_row(one: ReviewedValueDocument, metric: MetricDefinitionDocument | None) -> str:
    scale = get_scale(one.parameter, metric, one.value["unit"])

    def show(value: ValueDocument | None) -> str:
        return MISSING if value is None else format_value(*scale.shown(value["value"], value.get("error")))

    cells = [
        show(one.value),
        show(one.in_use),
        _format_difference(one, scale),
        describe_acceptance(one, show(one.accepted)),
    ]
    # In a narrow column, the unit is below the number.
    shown = "".join(f"<td class='n'>{escape(cell.replace(_NO_BREAK, ' '))}</td>" for cell in cells)
    return f"<tr><th scope='row'>{escape(scale.title)}</th>{shown}</tr>"


def _format_difference(one: ReviewedValueDocument, scale: Scale) -> str:
    """Return the difference from the value in use with its error, and in units of it if it is known."""
    if one.difference is None:
        return MISSING
    if not one.sigmas:
        return format_difference(*scale.shown(one.difference))
    difference = format_difference(*scale.shown(one.difference, abs(one.difference) / one.sigmas))
    return f"{difference} ({one.sigmas:.1f}\N{NO-BREAK SPACE}σ)"


def describe_acceptance(one: ReviewedValueDocument, accepted: str) -> str:
    """Return what an acceptance does to the value in use: its new value, or why it stays."""
    if one.kept:
        return "stays: measured later"
    return "no change" if one.accepted is None else accepted


def _format_related(view: View, item: ReviewItemDocument) -> str:
    rows = [
        _format_result(view, one.task_id, one.task, describe_outcome(one.status, one.verdict), one.message)
        for one in item.related[:_MOST_SHOWN]
    ]
    return _format_list(f"Other tasks on {item.target}", rows, "None failed or was flagged last.")


def _format_nearby(view: View, nearby: Sequence[ResultDocument]) -> str:
    rows = [
        _format_result(view, one.task_id, f"{one.name} on {one.qid}", one.status, one.message)
        for one in nearby[:_MOST_SHOWN]
    ]
    if (rest := len(nearby) - _MOST_SHOWN) > 0:
        rows.append(f"and {rest} more")
    return _format_list("Neighbours in the last 24 hours", rows, "No failures.")


def _format_list(title: str, rows: Sequence[str], empty: str) -> str:
    inside = (
        f"<ul>{''.join(f'<li>{row}</li>' for row in rows)}</ul>" if rows else f"<div>{escape(empty)}</div>"
    )
    return f"<h3>{escape(title)}</h3>{inside}"


def _format_result(view: View, task_id: str, name: str, outcome: str, message: str) -> str:
    link = format_link(view.link("result", result=task_id), name)
    why = message.removeprefix(f"{outcome}: ")
    return f"{format_status_html(outcome)} {link}{f': {format_message_html(why)}' if why else ''}"


def _format_note(view: View, item: ReviewItemDocument) -> str:
    if item.note is None or not item.note.content:
        return ""
    written = f"{escape(item.note.updated_by)}, {view.time(item.note.updated_at)}"
    return f"<h3>Note</h3><blockquote>{escape(item.note.content)}</blockquote><small>{written}</small>"
