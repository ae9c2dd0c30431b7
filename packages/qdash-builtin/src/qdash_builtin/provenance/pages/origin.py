"""Page that finds the origin and use of a value or result: by chip, target and parameter, or by the id of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.operations.chips import show_chip
from qdash_builtin.chips.pages.target_data import load_target
from qdash_builtin.chips.pages.targets import get_input_kind
from qdash_builtin.metrics.pages.specification import get_scale
from qdash_builtin.provenance.pages.provenance_graph import draw_result_origin, draw_value_origin
from qdash_builtin.results.operations.results import show_result
from qdash_core.models.targets import parse_target_id
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_errors, show_no_chip
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.forms.option_lists import load_chips
from qdash_ui_streamlit.forms.query_params import draw_choice, draw_text_field

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from qdash_ui_streamlit.view import View

_OF_VALUE = ("target", "metric")


@fragment
def render(view: View) -> None:
    """Draw the page: the search, and the graph of what it found."""
    st.title("Origin", anchor=False)
    chip_id, chips = load_chips(view)
    if chip_id is None:
        show_no_chip(view)
        return
    rerun_on_events("origin", ALL, chip_id=chip_id, at_most_every_s=5.0)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw_choice(view, "chip", "Chip", chips, clears=(*_OF_VALUE, "result"), width=180)
        target = draw_text_field(
            view, "target", "Qubit or coupling", placeholder="5 or 0-1", clears=("metric", "result")
        )
        place = st.container(width="content")
        result_id = draw_text_field(
            view, "result", "or id of a result", placeholder="result", clears=_OF_VALUE, width=340
        )
    with show_errors():
        if result_id is not None:
            _draw_result(view, result_id)
        elif target is not None:
            _draw_value(view, chip_id, target, place)
    if result_id is None and target is None:
        show_empty(
            "Nothing is selected.",
            "Enter a qubit or coupling for a value in use, or the id of a result: the page shows where it comes from, and what "
            "used it.",
        )


def _draw_result(view: View, result_id: str) -> None:
    result = view.ask(show_result, result_id)
    on = f" on {result.task_type} {result.qid}" if result.qid else ""
    address = view.link("result", result=result.task_id)
    st.markdown(
        f"[{escape_markdown(result.name + on)}]({address}) of chip [{escape_markdown(result.chip_id)}]({view.link('chip', chip=result.chip_id)})"
    )
    draw_result_origin(view, result, opened=True)


def _draw_value(view: View, chip_id: str, named: str, place: DeltaGenerator) -> None:
    """Draw the choice of a parameter with a value in use of a target, and its graph."""
    target = parse_target_id(named)
    kind = get_input_kind(target)
    data = load_target(view, kind, view.ask(show_chip, chip_id), target)
    link = f"[{kind.word.capitalize()} {target}]({make_target_url(view, chip_id, target)})"
    if not data.values:
        show_empty(f"{kind.word.capitalize()} {target} has no value in use.", link)
        return
    with place:
        metric = draw_choice(
            view,
            "metric",
            "Parameter",
            list(data.values),
            format_option=lambda one: get_scale(one, data.metrics.get(one)).title,
        )
    st.markdown(f"{link} of chip [{escape_markdown(chip_id)}]({view.link('chip', chip=chip_id)})")
    draw_value_origin(view, data, metric, opened=True)
