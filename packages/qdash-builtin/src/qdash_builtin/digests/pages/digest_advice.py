"""Advised actions of a digest: the reason, the command, and the page or button of each."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from qdash_builtin.digests.digest import AdviceKind
from qdash_builtin.exchange.pages.chip_releases import draw_release_form
from qdash_builtin.runs.pages.chip_tasks import load_chip_tasks
from qdash_builtin.runs.pages.execution_actions import draw_resume_button
from qdash_builtin.runs.pages.run_form import draw_run_form
from qdash_builtin.runs.pages.run_submission import clear_submission
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.quantities import use_unit_symbols
from qdash_ui_streamlit.forms.time_params import format_time

if TYPE_CHECKING:
    from qdash_builtin.digests.views import AdviceDocument, DigestDocument
    from qdash_ui_streamlit.view import View

FORM = "digest.form"
"""Key of the form of an advised run."""


def format_advice(view: View, advice: AdviceDocument) -> str:
    """Return an advised action as Markdown with HTML: the action, its laboratory time and reason, links, and the command if it has one."""
    text, reason = (escape_markdown(use_unit_symbols(one)) for one in (advice.text, advice.reason))
    links = []
    if advice.execution_id:
        links.append(format_link(view.link("execution", execution=advice.execution_id), "Open the execution"))
    if advice.task_id:
        links.append(format_link(view.link("result", result=advice.task_id), "Open a failed result"))
    cost = f" ({escape_markdown(use_unit_symbols(advice.cost))})" if advice.cost else ""
    command = f"<br><small><code>{escape(advice.command)}</code></small>" if advice.command else ""
    return ". ".join((f"**{text}**{cost}: {reason}", *links)) + command


def find_page(view: View, digest: DigestDocument, advice: AdviceDocument) -> tuple[str, str] | None:
    """Return the title and the URL of the page of an advised action, or None if it has none."""
    chip_id = digest.chip_id
    match advice.kind:
        case AdviceKind.REVIEW:
            return "Review", view.link("review", chip=chip_id)
        case AdviceKind.COMPARE:
            return "Compare", make_comparison_url(view, digest)
        case AdviceKind.UNDO:
            return "Open event", view.link("chip", chip=chip_id, view="changes", event=advice.event)
        case _:
            return None


def make_comparison_url(view: View, digest: DigestDocument) -> str:
    """Return the URL of the comparison of the present chip with the start of a digest."""
    return view.link("compare", chip=digest.chip_id, before=format_time(digest.since), after="now")


def draw_button(view: View, digest: DigestDocument, advice: AdviceDocument, number: int, place: str) -> None:
    """Draw the button that performs an action or opens its form; a viewer gets none.

    Parameters
    ----------
    number : int
        Place of the action in the digest, for the key of the button.
    place : str
        Place of the page where the outcome is shown.
    """
    if not view.edits:
        return
    if advice.kind is AdviceKind.RESUME:
        draw_resume_button(view, advice.execution_id, place=place)
    elif advice.kind is AdviceKind.RELEASE:
        if st.button("Create release …", icon=":material/bookmark_add:", key="digest.release"):
            dialog("Create a release")(draw_release_form)(view, digest.chip_id, uuid4().hex)
    elif st.button("Measure …", icon=":material/play_arrow:", key=f"digest.measure.{number}"):
        clear_submission(FORM)
        dialog(f"Calibrate on chip {escape_markdown(digest.chip_id)}", width="large")(draw_measure_form)(
            view, digest.chip_id, advice
        )


def draw_measure_form(view: View, chip_id: str, advice: AdviceDocument) -> None:
    """Draw the form of a run with the flow or task, the targets and the conditions of an advised measurement."""
    st.markdown(f"{escape_markdown(advice.text)}: {escape_markdown(use_unit_symbols(advice.reason))}.")
    is_task = any(advice.flow == one.name for one in load_chip_tasks(view, chip_id))
    task, flow = (advice.flow, None) if is_task else (None, advice.flow or None)
    draw_run_form(
        view,
        chip_id,
        advice.targets,
        task=task,
        flow=flow,
        only=advice.conditions,
        in_dialog=True,
        key=FORM,
    )
