"""Links and arrow keys from a result to its neighbours in time and on the other targets."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.results.pages.result_keys import enable_arrow_keys
from qdash_builtin.results.requests import ResultSequence
from qdash_builtin.runs.pages.refit_display import format_moment
from qdash_ui_streamlit.forms.query_params import draw_choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.results.views.neighbours import PlacedResultDocument, ResultNeighboursDocument
    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_ui_streamlit.view import View

_ALONG = "along"
_STAYING = (_ALONG, "previous", "with")
"""Query parameters that stay on the way from a result to another one."""
_SEQUENCES = {
    ResultSequence.TASK: "this task on this target",
    ResultSequence.TARGET: "this target, all tasks",
    ResultSequence.EXECUTION: "this execution",
}


def read_sequence(view: View) -> ResultSequence:
    """Return the sequence in the URL, or else that of the task on the target."""
    named = view.param(_ALONG)
    return ResultSequence(named) if named in tuple(ResultSequence) else ResultSequence.TASK


def draw_sequence_choice(view: View) -> None:
    """Draw the choice of the sequence that the keys ← and → go through."""
    draw_choice(
        view,
        _ALONG,
        "Keys ← → go through",
        [str(one) for one in ResultSequence],
        format_option=lambda one: _SEQUENCES[ResultSequence(one)],
        width=220,
    )


def draw_walk(view: View, result: RecordedResult, neighbours: ResultNeighboursDocument) -> None:
    """Draw links to the neighbours of a result in the sequence in the URL, and let the arrow keys open them."""

    def describe(one: PlacedResultDocument) -> str:
        named = [one.name] if one.name != result.name else []
        on = [one.qid] if one.qid != result.qid else []
        return " ".join([*named, *on, format_moment(view, one.start_at)])

    def name_target(one: PlacedResultDocument) -> str:
        return f"{'coupling' if '-' in one.qid else 'qubit'} {one.qid}"

    links = [
        _make_link(view, "ArrowLeft", "←", "earlier", neighbours.earlier, describe),
        _make_link(view, "ArrowRight", "→", "later", neighbours.later, describe),
    ]
    if result.qid:
        links += [
            _make_link(view, "ArrowUp", "↑", "target before", neighbours.previous_target, name_target),
            _make_link(view, "ArrowDown", "↓", "target after", neighbours.next_target, name_target),
        ]
    st.markdown(
        f'<nav aria-label="Neighbours of the result">{" &nbsp; ".join(links)}</nav>', unsafe_allow_html=True
    )
    enable_arrow_keys(
        {
            "ArrowLeft": _make_address(view, neighbours.earlier),
            "ArrowRight": _make_address(view, neighbours.later),
            "ArrowUp": _make_address(view, neighbours.previous_target),
            "ArrowDown": _make_address(view, neighbours.next_target),
        }
    )


def _make_address(view: View, one: PlacedResultDocument | None) -> str | None:
    staying = {name: view.param(name) for name in _STAYING}
    return None if one is None else view.link("result", result=one.task_id, **staying)


def _make_link(
    view: View,
    key: str,
    arrow: str,
    name: str,
    one: PlacedResultDocument | None,
    describe: Callable[[PlacedResultDocument], str],
) -> str:
    """Return the link to a neighbour as HTML, or a text if there is none."""
    address = _make_address(view, one)
    if one is None or address is None:
        return f'<span style="opacity:0.75">{arrow}&nbsp;no {name}</span>'
    return f'<a href="{escape(address)}" aria-keyshortcuts="{key}" title="{name} (key {arrow})">{arrow}&nbsp;{escape(describe(one))}</a>'
