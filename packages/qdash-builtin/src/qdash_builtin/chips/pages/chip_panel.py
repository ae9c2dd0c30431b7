"""Panel of the target that is opened on the map of a chip, with the metric of the map first."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.pages.chip_actions import MOST_NAMED, draw_calibration, draw_chip_actions
from qdash_builtin.chips.pages.status_reason import format_status_reason
from qdash_builtin.chips.pages.target_table import format_results_table, format_values_table
from qdash_builtin.chips.pages.targets import COUPLING, describe_direction, get_input_kind
from qdash_builtin.metrics.operations.metrics import metric_definitions
from qdash_core.features.sections import SectionSubject
from qdash_core.models.name_summary import summarize_names
from qdash_ui_streamlit.components.event_kinds import ALL, ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.scroll_target import scroll_here
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.sections import draw_sections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.chips.views.targets import TargetDocument
    from qdash_ui_streamlit.view import View

_STYLE = """<style>
.qd-panel h2 { padding: 0 0 0.3rem; margin: 0; }
.qd-panel table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
.qd-panel :is(th, td) { text-align: left; padding: 0.2rem 0.6rem 0.2rem 0; border-bottom: 1px solid rgb(128 128 128 / 30%); vertical-align: top; }
.qd-panel td:last-child { white-space: nowrap; padding-right: 0; }
.qd-panel td:first-child { overflow-wrap: break-word; }
.qd-panel h3 { font-size: 1rem; padding: 0.9rem 0 0.2rem; }
.qd-panel .first td { font-weight: 600; }
.qd-panel small { font-weight: 400; }
.qd-panel p { margin: 0.3rem 0 0; }
</style>"""


@fragment
def draw_chip_panel(view: View, chip_id: str, chosen: Sequence[str]) -> None:
    """Draw the target in the URL, and the actions on it or on the selected targets."""
    target = view.param("target")
    if target is None:
        rerun_on_events("chip.panel.rerun", ALL_BUT_TASKS, chip_id=chip_id)
    else:
        rerun_on_events("chip.panel.rerun", ALL, chip_id=chip_id, target=target)
    # Below the map, as on a telephone, the panel of a tapped target comes into view.
    scroll_here(target, key="chip.panel.scroll", block="start", as_loaded=False)
    if chosen:
        st.header(f"{len(chosen)} selected", anchor=False)
        st.caption(summarize_names(chosen, MOST_NAMED))
        draw_calibration(view)
        draw_chip_actions(view, chip_id, chosen)
    if target is not None:
        found = view.ask(get_input_kind(target).show, chip_id, target)
        _draw_head(view, found)
        if not chosen:
            draw_calibration(view)
            draw_chip_actions(view, chip_id, [target], excluded=[target] if found.status.set_aside else [])
        subject = SectionSubject(chip_id, target, document=found)
        _draw_values(view, found)
        draw_sections(view, "chip_panel", subject, at_head=True)
        st.html(
            f"<section class='qd-panel' aria-label='Results of {found.id}'>{format_results_table(found, view, now=view.now())}</section>"
        )
        draw_sections(view, "chip_panel", subject, at_head=False)
    elif not chosen:
        show_empty(
            "Select a qubit or coupling to see its values and results.",
            "Click it, or press **m**, move with the arrow keys and press Enter. Space or Ctrl-click selects several.",
        )
        draw_sections(view, "chip_panel", SectionSubject(chip_id))


def _draw_head(view: View, found: TargetDocument) -> None:
    kind = get_input_kind(found.id).word
    here = make_target_url(view, found.chip_id, found.id)
    reason = format_status_reason(view, found)
    st.html(
        f"{_STYLE}<section class='qd-panel' data-testid='panel' aria-label='{kind} {found.id}'>"
        f"<h2>{kind.capitalize()} {found.id}</h2>{' · '.join([format_status_html(found.status.value), *describe_direction(found)])} · "
        f"<a href='{escape(here)}'>open {kind} {found.id}</a>{f'<p>{reason}</p>' if reason else ''}</section>"
    )


def _draw_values(view: View, found: TargetDocument) -> None:
    """Draw the values of a target, with the metric of the map first."""
    definitions = view.ask(metric_definitions, chip_id=found.chip_id)
    kind = get_input_kind(found.id)
    known, table = definitions.get_metrics(kind.word), definitions.list_default_columns(kind.word)
    param = view.param("coupling_metric" if kind is COUPLING else "metric") or view.param("metric")
    first = [param] if param and (param in known or param in (found.values or {})) else []
    values = format_values_table(view, found, known, [*first, *table], now=view.now())
    st.html(f"<section class='qd-panel' aria-label='Values of {found.id}'>{values}</section>")
