"""Review page: the flagged results of a chip one by one, each decided by a key."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.results.operations.results import show_result
from qdash_builtin.results.pages.refit import draw_refit
from qdash_builtin.review.pages.review_actions import (
    ReviewAct,
    describe_item,
    load_review_item,
    perform_review_act,
)
from qdash_builtin.review.pages.review_bar import review_bar
from qdash_builtin.review.pages.review_data import (
    EVERY_STATE,
    FILTERS,
    ReviewContext,
    load_context,
    load_waiting,
    read_filters,
)
from qdash_builtin.review.pages.review_item import draw_item, draw_item_head
from qdash_builtin.review.pages.review_session import ReviewSession
from qdash_cli.rendering.output import format_count
from qdash_core.models.targets import get_target_kind
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_no_chip
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.display.session_cache import cache_in_session
from qdash_ui_streamlit.forms.option_lists import load_chips
from qdash_ui_streamlit.forms.query_params import draw_select, draw_text_field, draw_toggle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_builtin.review.views import ReviewItemDocument
    from qdash_ui_streamlit.view import View

_PLACE = "review"
_BAR = "review.bar"
_KEPT = "review.kept"
"""Key of a flag: the page is drawn again after changes by others, so the shown result stays."""
_DECIDING = ("accept", "reject", "refit", "measure", "exclude")
_LIST = (
    Column("place", "Place", "number", link="link"),
    Column("task", "Task", link="link"),
    Column("target", "Target"),
    Column("outcome", "Outcome"),
)


def render(view: View) -> None:
    """Draw the page."""
    chip_id, chips = load_chips(view)
    if chip_id is None:
        st.title("Review")
        show_no_chip(view)
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title("Review", anchor=False, width="content")
        st.session_state["review.chip"] = chip_id
        st.selectbox("Chip", chips, key="review.chip", on_change=partial(_select_chip, view), width=220)
    found, filters = load_waiting(view, chip_id), read_filters(view)
    place = (view.project_id, chip_id, tuple(filters.items()))
    every_state = view.param(EVERY_STATE) is not None
    session = cache_in_session(_PLACE, place, lambda: ReviewSession(every_state=every_state))
    session.update(found)
    context = cache_in_session(f"{_PLACE}.context", place, lambda: load_context(view, chip_id))
    if not st.session_state.pop(_KEPT, False):
        session.shown = view.param("result")
    _draw_review(view, chip_id, filters, session, context)
    _watch(view, chip_id, session, iter((True,)))


def _select_chip(view: View) -> None:
    view.set_params(chip=st.session_state["review.chip"], result=None, **dict.fromkeys(FILTERS))


@fragment
def _draw_review(
    view: View,
    chip_id: str,
    filters: Mapping[str, str | bool],
    session: ReviewSession,
    context: ReviewContext,
) -> None:
    """Draw the shown result, or the first that was not reviewed, and load the data of the next one."""
    if read_filters(view) != filters:
        rerun()
    task_id = session.shown = session.find_current()
    if session.turn:  # an event that arrived during the last action has restored the URL before it
        view.set_params(result=task_id)
    item = None if task_id is None else load_review_item(view, session, task_id)
    if session.order:
        _draw_bar(view, session, item)
    if item is None:
        _draw_end(view, chip_id, session)
    else:
        place = f"{session.order.index(item.task_id) + 1} of {len(session.order)}"
        draw_item_head(view, item, place)
        _draw_refit_form(view, session, item)
        known = context.definitions
        metrics = {} if known is None else known.get_metrics(get_target_kind(item.target))
        draw_item(
            view,
            item,
            figure=context.load_figure(view, item),
            metrics=metrics,
            nearby=context.list_nearby_failures(item.target),
        )
    _draw_list(view, session, item)
    if item is not None and (following := session.find_following(item.task_id)) is not None:
        context.load_figure(view, load_review_item(view, session, following))


def _draw_bar(view: View, session: ReviewSession, item: ReviewItemDocument | None) -> None:
    """Draw the buttons; an action is performed before the fragment is drawn with the next result."""

    def act(sent: Mapping[str, Any]) -> None:
        perform_review_act(view, session, ReviewAct.from_browser(sent))
        view.set_params(result=session.shown)

    data = {
        "task_id": "" if item is None else item.task_id,
        "turn": session.turn,
        "disabled": list_disabled(session, item),
        "message": session.message,
        "failed": session.failed,
        "next": _describe_for_readers(session, item),
        "reason": session.reason,
        "note": item.note.content if item is not None and item.note else "",
        "refit": session.is_form_new,
    }
    review_bar(key=_BAR, data=data, edits=view.edits, act=act)
    if not view.edits:
        st.caption("Only editors of the project can decide; you can look through the results.")


def list_disabled(session: ReviewSession, item: ReviewItemDocument | None) -> dict[str, str]:
    """Return the actions that are not possible, with the reason of each."""
    disabled = {} if session.decisions else {"undo": "There is no decision of this review to undo"}
    if item is None:
        ended = "No result is shown"
        return {**disabled, **dict.fromkeys((*_DECIDING, "note", "later"), ended)}
    if not session.can_decide(item.task_id):
        outcome = session.outcomes.get(item.task_id) or item.state
        disabled.update(dict.fromkeys(_DECIDING, f"This result does not await a decision: {outcome}"))
    elif item.refusal:
        disabled["accept"] = item.refusal
    if not item.raw_data:
        disabled["refit"] = "This result has no raw data"
    if session.order[0] == item.task_id:
        disabled["back"] = "This is the first result"
    return disabled


def _describe_for_readers(session: ReviewSession, item: ReviewItemDocument | None) -> str:
    if item is None:
        return "End of the review."
    place = f"{session.order.index(item.task_id) + 1} of {len(session.order)}"
    return f"{place}: {describe_item(item)}. {'; '.join(item.reasons)}"


def _draw_refit_form(view: View, session: ReviewSession, item: ReviewItemDocument) -> None:
    """Draw the form of a refit below the reasons if it was opened for this result."""
    if session.refitted != item.task_id:
        return
    st.session_state.setdefault(f"refit.{item.task_id}.open", True)
    with st.container(key="review-refit", border=True):
        draw_refit(view, view.ask(show_result, item.task_id))


def _draw_end(view: View, chip_id: str, session: ReviewSession) -> None:
    """Draw the summary after the last result, or the message that none waits."""
    if not session.order:
        st.html('<section data-testid="review-empty"></section>')
        filtered = "with these filters " if read_filters(view) else ""
        show_empty(
            f"No flagged result of chip {escape_markdown(chip_id)} {filtered}awaits a decision.",
            f"Earlier ones are among the [flagged results]({view.link('executions', view='results', chip=chip_id, verdict='flagged')}).",
        )
        return
    counts = ", ".join(f"{count} {outcome}" for outcome, count in session.count_outcomes().items())
    st.header("End of the review", anchor=False)
    st.markdown(
        f"{format_count(len(session.order), 'result')}: {counts}. Each decision is an event of the "
        f"[changes]({view.link('chip', chip=chip_id, view='changes')})."
    )


def _draw_list(view: View, session: ReviewSession, item: ReviewItemDocument | None) -> None:
    """Draw the list of the results, each a link, with the filters."""
    st.header("All results of this review", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tasks = sorted({task for task, _ in session.titles.values()})
        names = sorted({one.parameter for found in session.items.values() for one in found.values})
        clears = ("result",)
        draw_text_field(view, "qubits", "Qubits", placeholder="0-3, 7", clears=clears)
        draw_text_field(view, "couplings", "Couplings", placeholder="0-1", clears=clears)
        draw_select(view, "task", "Task", tasks, any_text="all", clears=clears)
        draw_select(view, "metric", "Metric", names, any_text="all", clears=clears)
        draw_toggle(view, EVERY_STATE, "Include superseded and excluded")
    kept = {name: view.param(name) for name in ("chip", *FILTERS, EVERY_STATE)}
    rows = [
        {
            "place": place,
            "task": session.titles[task_id][0],
            "target": session.titles[task_id][1],
            "outcome": "shown"
            if item is not None and task_id == item.task_id
            else session.outcomes.get(task_id),
            "link": view.link("review", **kept, result=task_id),
        }
        for place, task_id in enumerate(session.order, 1)
    ]
    if rows:
        table(view, _LIST, rows, key="review.list", label="Results of the review")


@fragment
def _watch(view: View, chip_id: str, session: ReviewSession, first: Iterator[bool]) -> None:
    """Load the list again after changes by runs and other users, and redraw the page if it has changed.

    `first` yields once: the page has just loaded the list.
    """
    is_first = next(first, False)
    rerun_on_events("review", ALL, chip_id=chip_id)
    if is_first:
        return
    changes = session.update(load_waiting(view, chip_id))
    if changes:
        session.tell(f"Changed meanwhile: {', '.join(changes)}")
        st.session_state[_KEPT] = True
        rerun()
