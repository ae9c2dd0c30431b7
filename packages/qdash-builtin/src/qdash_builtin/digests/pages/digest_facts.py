"""Facts of a digest in three columns: runs, yield and medians, and facts to watch."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.digests.pages.digest_attention import format_attention
from qdash_builtin.digests.pages.digest_changes import format_changes, format_manual_changes
from qdash_ui_streamlit.display.counts import format_counts_html
from qdash_ui_streamlit.display.fact_lists import (
    format_details,
    format_section,
    format_shortened_list,
)
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.quantities import MISSING, format_unit
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.display.times import format_duration

if TYPE_CHECKING:
    from qdash_builtin.digests.views import DigestDocument, MetricProgressDocument
    from qdash_builtin.runs.views.executions import ExecutionHeader
    from qdash_ui_streamlit.view import View

_MOST_RUNS = 4
_STYLE = """<style>
.digest { display: grid; grid-template-columns: 1fr 1.4fr 1.2fr; gap: 0 1.5rem; font-size: 0.9rem; }
@media (max-width: 1150px) {
  .digest { grid-template-columns: minmax(0, 1fr); }
  .digest > div {
    overflow-x: auto;
    background: linear-gradient(to left, light-dark(#fff, #11161a) 40%, transparent) right / 2rem 100% no-repeat local,
      linear-gradient(to left, rgba(128, 128, 128, 0.5), transparent) right / 0.9rem 100% no-repeat scroll;
  }
}
.digest h3 { font-size: 1rem; padding: 0.5rem 0 0.2rem; margin: 0; }
.digest ul { list-style: none; margin: 0; padding: 0; }
.digest li { margin: 0 0 0.25rem; padding: 0; font-size: inherit; }
.digest li li { margin-left: 1rem; }
.digest details { display: inline; }
.digest details[open] { display: block; }
.digest summary { cursor: pointer; }
.digest table { border-collapse: collapse; margin: 0; font-size: inherit; }
.digest th, .digest td { text-align: left; padding: 0.15rem 0.7rem 0.15rem 0; border: 0; border-bottom: 1px solid rgba(128, 128, 128, 0.25); }
.digest td:first-child { white-space: nowrap; }
.digest .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
</style>"""


def draw_facts(view: View, digest: DigestDocument) -> None:
    """Draw the facts side by side, or below each other on a narrow page."""
    columns = (
        format_runs(view, digest) + format_laboratory_time(digest) + format_manual_changes(view, digest),
        format_yield(view, digest) + format_changes(view, digest),
        format_attention(view, digest),
    )
    st.html(_STYLE)
    inside = "".join(f"<div>{one}</div>" for one in columns)
    # Links in `st.html` do not have the theme's colour.
    st.markdown(f'<div class="digest">{inside}</div>', unsafe_allow_html=True)


def format_runs(view: View, digest: DigestDocument) -> str:
    """Return the runs as HTML, the newest first, each with the numbers of its results as links to them."""
    runs = [_format_run(view, one) for one in reversed(digest.runs)]
    title = f"Runs: {len(runs)}" if runs else "Runs"
    return format_section(title, format_shortened_list(runs, _MOST_RUNS, rest="earlier runs"))


def _format_run(view: View, run: ExecutionHeader) -> str:
    address = view.link("execution", execution=run.execution_id)
    status = "interrupted" if run.interrupted else str(run.status)
    simulated = ", simulated" if run.simulated else ""
    counts = format_counts_html(view, run.execution_id, run.outcomes) or escape(run.message)
    when = "" if run.start_at is None else f" {view.moment(run.start_at)}"
    return (
        f"{format_link(address, run.name, title=run.execution_id)}{simulated}{when}, "
        f"{format_status_html(status)}<br>{counts}"
    )


def format_laboratory_time(digest: DigestDocument) -> str:
    """Return the laboratory time as HTML; that of each task opens on a click."""
    if not digest.laboratory:
        return ""
    rows = "".join(
        f'<tr><td>{escape(one.task)}</td><td class="n">{one.n}</td>'
        f'<td class="n">{format_duration(one.seconds)}</td></tr>'
        for one in digest.laboratory
    )
    head = '<tr><th scope="col">Task</th><th scope="col" class="n">Measured</th><th scope="col" class="n">Time</th></tr>'
    table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"
    note = "<small>Tasks that ran at the same time overlap.</small>"
    details = format_details(f"{format_duration(digest.laboratory_s)}, by task", table + note)
    return format_section("Laboratory time", details)


def format_yield(view: View, digest: DigestDocument) -> str:
    """Return yield and medians beside those at the start as HTML."""
    rows = "".join(_format_progress(view, digest.chip_id, one) for one in digest.metrics)
    head = "".join(
        f'<th scope="col"{style}>{title}</th>'
        for title, style in (
            ("Metric", ""),
            ("New in spec", ' class="n"'),
            ("New median", ' class="n"'),
            ("In use", ' class="n"'),
            ("Before", ' class="n"'),
            ("Median before", ' class="n"'),
        )
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
    return format_section("Yield and medians", table)


def _format_progress(view: View, chip_id: str, one: MetricProgressDocument) -> str:
    title = f"{one.title}, couplings" if one.kind == "coupling" else one.title
    values = view.link("chip", chip=chip_id, view="values", kind=one.kind, metric=one.metric)
    cells = (
        _format_count(one.within_new, one.n_new, one.n_new),
        _format_median(one.median_new, one.unit),
        format_link(values, _format_count(one.within, one.n, one.targets)),
        _format_count(one.within_before, one.n_before, one.targets),
        _format_median(one.median_before, one.unit),
    )
    numbers = "".join(f'<td class="n">{cell}</td>' for cell in cells)
    name = format_link(view.link("chip", chip=chip_id, metric=one.metric), title, title="Opens the map")
    return f"<tr><td>{name}</td>{numbers}</tr>"


def _format_count(within: int | None, n: int, targets: int) -> str:
    """Return the number of values in specification, or without one, of known values."""
    return f"{n} known" if within is None else f"{within}/{targets}"


def _format_median(value: float | None, unit: str) -> str:
    if value is None:
        return MISSING
    number = f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
    return f"{number}\N{NO-BREAK SPACE}{format_unit(unit)}" if unit else number
