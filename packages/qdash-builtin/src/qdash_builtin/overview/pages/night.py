"""Night of a chip on the overview: its map, the judgement in one sentence, and the findings; below them the facts of the digest."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.pages.chip_layout import load_layout
from qdash_builtin.digests.pages.digest_advice import draw_button, find_page, format_advice
from qdash_builtin.digests.pages.digest_facts import draw_facts
from qdash_builtin.overview.pages.findings import PLACE, Finding, draw_findings
from qdash_builtin.overview.pages.judgement_sentence import format_judgement
from qdash_builtin.overview.pages.night_map import night_map
from qdash_builtin.overview.pages.overview_alerts import list_alerts
from qdash_builtin.overview.pages.overview_data import load_digest
from qdash_builtin.overview.pages.recent_values import format_recent
from qdash_builtin.runs.pages.cancellation import ask_to_cancel
from qdash_builtin.runs.pages.progress import progress
from qdash_core.errors import QDashError
from qdash_core.models.judgement import Fitness
from qdash_core.models.nights import YESTERDAY_EVENING
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown, escape_message
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.forms.query_params import draw_select
from qdash_ui_streamlit.forms.window import draw_night_arrows, draw_window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future

    from qdash_builtin.digests.views import DigestDocument
    from qdash_builtin.overview.pages.overview_data import OverviewData, RequestedDigest
    from qdash_builtin.runs.views.queue import QueueEntryDocument
    from qdash_ui_streamlit.view import View

WAITING = '<p role="status">Preparing the digest …</p>'
"""Placeholder while the host makes the digest."""
_MOST_TOLD = 3
"""Maximum number of queued runs that are named."""
_REDRAWN_S = 15.0
"""Minimum time between two digests that are made because results or values changed, in seconds: a run changes many."""
# The place of the night has its least height before it is drawn, so that the rest of the page stays in place. On a wide page the map and the
# running runs are beside the judgement and the findings; on a narrow one these are between them.
_STYLE = """<style>
.st-key-overview-night { min-height: 36rem; }
.st-key-night { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.75rem 1.5rem; align-items: start; }
.st-key-night > * { min-width: 0; width: 100%; }
@media (min-width: 1000px) {
  .st-key-night { grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); grid-template-rows: auto 1fr; }
  .st-key-night > :has(> .st-key-night-judged) { grid-column: 2; grid-row: 1 / span 2; }
  .st-key-night > :has(> .st-key-night-runs) { grid-column: 1; grid-row: 2; }
}
.night-recent { margin: 0.5rem 0; display: flex; flex-wrap: wrap; gap: 0.2rem 1.5rem; font-size: 0.9rem; }
.night-recent a { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 0 0.5rem; }
@media (max-width: 640px) { .night-recent a > span { min-width: 9rem; } }
.st-key-night-judged h2 { padding-top: 0; }
.st-key-night-judged h3 { padding-top: 0.5rem; }
@media (max-width: 640px) {
  .st-key-night-head > :has(.stSelectbox) { flex: 1 1 100% !important; }
  .st-key-night-head { flex-wrap: wrap !important; overflow: visible !important; mask-image: none !important; } /* all controls in view */
}
.night-judgement { font-size: 1.05rem; margin: 0; }
</style>"""


def draw_night_head(view: View, found: OverviewData) -> None:
    """Draw the choice of the chip and of the time, both in the URL."""
    asked = found.digest
    if asked is None:
        return
    st.html(_STYLE)
    with st.container(horizontal=True, vertical_alignment="bottom", key="night-head"):
        chips = [one.chip_id for one in found.chips]
        if len(chips) > 1 or view.param("chip"):
            newest = f"{asked.newest_chip_id} (newest run)"
            others = [one for one in chips if one != asked.newest_chip_id]
            draw_select(view, "chip", "Chip", others, any_text=newest, clears=("since", "until"), width=220)
        has_cooldown = asked.chip is not None and asked.chip.current_cooldown_id is not None
        draw_window(view, any_text=f"since {YESTERDAY_EVENING}", has_cooldown=has_cooldown)
        draw_night_arrows(view)
        changes = view.link("compare", chip=asked.chip_id, before=asked.since)
        fits = view.link("chip", chip=asked.chip_id, view="figures")
        st.markdown(f"[Changes]({changes}) · [Fits]({fits}) · [Laboratory](#laboratory)", width="content")


@fragment
def draw_night(
    view: View, found: OverviewData, asked: RequestedDigest, first: Iterator[Future[DigestDocument]]
) -> None:
    """Draw the night, and redraw it when results or values change. `first` yields the requested digest once."""
    rerun_on_events("overview.digest", ALL, chip_id=asked.chip_id, at_most_every_s=_REDRAWN_S)
    requested = next(first, None)
    digest, problem = None, None
    try:
        digest = (
            load_digest(view, asked.chip_id, asked.since, asked.until)
            if requested is None
            else requested.result()
        )
    except QDashError as error:
        problem = error
    with st.container(key="night"):
        with st.container(key="night-map"):
            if digest is not None:
                _draw_map(view, found, asked, digest)
        with st.container(key="night-judged", gap="small"):
            if problem is not None:
                show_problem(problem)
            if digest is not None:
                _draw_judgement(view, asked, digest)
            is_past = digest is not None and digest.advised_then is not None
            st.subheader("What was advised then" if is_past else "What to do next", anchor="next")
            draw_findings(view, list_findings(view, found, digest))
        with st.container(key="night-runs", gap="small"):
            _draw_active_runs(view, found)
    if digest is not None:
        _draw_numbers(view, digest)


def list_findings(view: View, found: OverviewData, digest: DigestDocument | None) -> list[Finding]:
    """Return the findings, the worst first: alerts, unless the digest ends in the past, then advice."""
    if digest is not None and digest.advised_then is not None:
        return [Finding(format_advice(view, one)) for one in digest.advised_then]
    advised = (
        []
        if digest is None
        else [
            Finding(
                format_advice(view, one),
                find_page(view, digest, one),
                partial(draw_button, view, digest, one, number, PLACE),
            )
            for number, one in enumerate(digest.advice)
            if not one.execution_id  # an interrupted run is an alert
        ]
    )
    if not advised and digest is not None and _is_new(digest):
        page = ("Run", view.link("run", chip=digest.chip_id))
        advised = [Finding("**Calibrate the qubits**: none was ever calibrated", page)]
    return [*list_alerts(view, found), *advised]


def _is_new(digest: DigestDocument) -> bool:
    """Return whether a chip has qubits and none was ever calibrated."""
    return {one for one, n in digest.fitness.get("qubit", {}).items() if n} == {Fitness.UNKNOWN}


def _draw_map(view: View, found: OverviewData, asked: RequestedDigest, digest: DigestDocument) -> None:
    running = [one.execution_id for one in found.running if one.chip_id == asked.chip_id]
    layout = load_layout(view, asked.chip_id, asked.chip)
    night_map(view, layout, digest, running=running, is_past=digest.advised_then is not None)


def _draw_judgement(view: View, asked: RequestedDigest, digest: DigestDocument) -> None:
    st.header(f"Chip {escape_markdown(digest.chip_id)}", anchor="night")
    st.markdown(f'<p class="night-judgement">{format_judgement(view, digest)}</p>', unsafe_allow_html=True)
    if recent := format_recent(view, asked.recent.result(), asked.annotations.result()):
        st.markdown(f'<div class="night-recent">{recent}</div>', unsafe_allow_html=True)


def _draw_active_runs(view: View, found: OverviewData) -> None:
    if not found.running:
        st.caption(describe_queue(view, found.queue))
        return
    st.subheader("Active runs", anchor=False)
    for run in found.running:
        if progress(view, run.execution_id, cancel=view.edits):
            ask_to_cancel(view, run.execution_id)


def describe_queue(view: View, queue: Sequence[QueueEntryDocument]) -> str:
    """Return what the first queued runs wait for as Markdown, while the page shows the progress of none."""
    if not queue:
        return "No active runs."
    told = [_describe_entry(view, one) for one in queue[:_MOST_TOLD]]
    if len(queue) > _MOST_TOLD:
        told.append(f"[{len(queue) - _MOST_TOLD} more]({view.link('executions', view='queue')})")
    return f"Queued: {'; '.join(told)}."


def _describe_entry(view: View, one: QueueEntryDocument) -> str:
    if one.state == "running":
        state = "has begun"
    else:
        state = f"waits for {one.waits_for}" if one.waits_for else "is about to begin"
    name = escape_markdown(f"{one.name} on {one.chip_id}" if one.chip_id else one.name)
    return f"[{name}]({view.link('execution', execution=one.execution_id)}) {escape_message(state)}"


def _draw_numbers(view: View, digest: DigestDocument) -> None:
    """Draw the facts of a digest."""
    start = view.moment(digest.since) if digest.label[:1].isdigit() and ":" in digest.label else digest.label
    time = f"since {start}" if digest.advised_then is None else f"from {start} to {view.moment(digest.until)}"
    st.header(f"What happened {escape_markdown(time)}", anchor="digest")
    if not digest.runs:
        st.markdown("No run in this time.")
    draw_facts(view, digest)
