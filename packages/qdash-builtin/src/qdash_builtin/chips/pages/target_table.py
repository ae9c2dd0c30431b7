"""HTML tables of a target: its values, and the newest result of each task."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from qdash_builtin.metrics.pages.marks import format_marks_html
from qdash_builtin.metrics.pages.specification import (
    OUTSIDE,
    format_specification,
    get_measurement_time,
    get_scale,
    is_within_limits,
)
from qdash_core.models.analysis_names import name_analysis
from qdash_ui_streamlit.display.quantities import MISSING, format_value
from qdash_ui_streamlit.display.statuses import describe_outcome, format_status_html
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.display.times import format_age

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.chips.views.targets import LatestResultDocument, TargetDocument
    from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionDocument
    from qdash_builtin.values.views.shown_values import ValueDocument
    from qdash_ui_streamlit.view import View

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")


def format_values_table(
    view: View,
    target: TargetDocument,
    known: Mapping[str, MetricDefinitionDocument],
    names: Sequence[str],
    *,
    now: datetime,
) -> str:
    """Return a table of values of a target in display units with their marks and histories, and the first one in bold.

    A reason that several marks share is written once.
    """
    values = target.values or {}
    told: set[str] = set()
    rows = [
        _format_value_row(view, target, name, values.get(name), known.get(name), told, now=now)
        for name in dict.fromkeys(names)
    ]
    if not rows:
        return ""
    head = "<tr><th scope='col'>Metric</th><th scope='col'>Value</th><th scope='col'>Measured</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{rows[0].replace('<tr>', '<tr class=first>', 1)}{''.join(rows[1:])}</tbody></table>"


def format_results_table(target: TargetDocument, view: View, *, now: datetime) -> str:
    """Return a table of the newest result of each task on a target, newest first, with links."""
    newest = sorted((target.results or {}).items(), key=lambda item: item[1].end_at, reverse=True)
    if not newest:
        return "<p>No results yet.</p>"
    rows = "".join(
        f"<tr><td><a href='{escape(view.link('result', result=one.task_id))}'>{_make_breakable(task)}</a></td>"
        f"<td>{format_status_html(describe_outcome(one.status, one.verdict))}</td>"
        f"<td>{_format_age(one.end_at, now)}{_format_refit(one, view)}</td></tr>"
        for task, one in newest
    )
    head = "<tr><th scope='col'>Task</th><th scope='col'>Outcome</th><th scope='col'>Measured</th></tr>"
    return f"<h3>Latest results</h3><table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _format_refit(result: LatestResultDocument, view: View) -> str:
    if result.refitted_at is None:
        return ""
    name, author = name_analysis(result.analysis_model), result.refitted_by or "an unknown user"
    return f"<br>{escape(name)} {view.time(result.refitted_at)} by {escape(author)}"


def _format_value_row(
    view: View,
    target: TargetDocument,
    name: str,
    value: ValueDocument | None,
    known: MetricDefinitionDocument | None,
    told: set[str],
    *,
    now: datetime,
) -> str:
    title = escape(known.title if known else name)
    if value is None or value.get("value") is None:
        return f"<tr><td>{title}</td><td>{MISSING} no value</td><td></td></tr>"
    text = format_value(*get_scale(name, known, value["unit"]).shown(value["value"], value.get("error")))
    href = escape(make_target_url(view, target.chip_id, target.id, metric=name))
    shown = f"{escape(text)}{_format_violation(known, value)}{format_marks_html(view, value, told)}"
    age = _format_age(get_measurement_time(value), now)
    return f"<tr><td><a href='{href}'>{title}</a></td><td>{shown}</td><td>{age}</td></tr>"


def _format_violation(known: MetricDefinitionDocument | None, value: ValueDocument) -> str:
    """Return the mark of a value out of specification, with the specification; empty otherwise."""
    if is_within_limits(known, value["value"]) is not False:
        return ""
    limit = format_specification(known, value["value"], value.get("error"))
    return f"<br><small>{format_status_html(OUTSIDE)}: {escape(limit)}</small>"


def _make_breakable(name: str) -> str:
    """Return a name such as CheckReadoutFrequency as HTML, with line breaks between its words only."""
    return _WORDS.sub("<wbr>", escape(name))


def _format_age(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return MISSING
    return f"<time datetime='{moment.isoformat()}' title='{moment:%Y-%m-%d %H:%M:%S} UTC'>{format_age(moment, now)}</time>"
