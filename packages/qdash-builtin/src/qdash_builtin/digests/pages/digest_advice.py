"""Advised actions of a digest: each with its reason, a button and the command."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from qdash_builtin.digests.digest import AdviceKind
from qdash_builtin.exchange.pages.chip_releases import draw_release_form
from qdash_builtin.runs.pages.chip_tasks import load_chip_tasks
from qdash_builtin.runs.pages.execution_actions import draw_resume_button, show_last_action
from qdash_builtin.runs.pages.run_form import draw_run_form
from qdash_builtin.runs.pages.run_submission import clear_submission, draw_started_run
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.quantities import use_unit_symbols
from qdash_ui_streamlit.forms.time_params import format_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.digests.views import AdviceDocument, DigestDocument
    from qdash_ui_streamlit.view import View

_FORM, _PLACE = "digest.form", "digest"
# Button and command are beside the text if they fit, and below it otherwise.
_STYLE = """<style>
.st-key-digest-advice pre { padding: 0.4rem 0.7rem; }
.st-key-digest-advice a.digest-action { display: inline-block; padding: 0.35rem 0.75rem; border: 1px solid rgba(128, 128, 128, 0.5); border-radius: 0.5rem; color: inherit; font-size: 0.9rem; text-decoration: none; }
.st-key-digest-advice a.digest-action:hover { border-color: currentColor; }
@media (max-width: 1150px) {
  .st-key-digest-advice [data-testid=stHorizontalBlock]:has(> [data-testid=stColumn]) { flex-direction: column; gap: 0.3rem; }
  .st-key-digest-advice [data-testid=stHorizontalBlock] > [data-testid=stColumn] { width: 100%; flex: 1 1 auto; min-width: 0; }
  .st-key-digest-advice [data-testid=stColumn]:empty { display: none; }
}
</style>"""


def draw_advice(view: View, digest: DigestDocument) -> None:
    """Draw what to do next as a numbered list, the most urgent first. A viewer gets no button that starts or changes something.

    For a digest of the past, draw what was advised then, without buttons and commands, which would act on the present chip.
    """
    if digest.advised_then is not None:
        _draw_advised_then(view, digest.advised_then)
    if not digest.advice:
        return
    st.subheader("What to do next", anchor="next")
    st.html(_STYLE)
    show_last_action(_PLACE)
    draw_started_run(view, key=_FORM, with_progress=False)
    with st.container(key="digest-advice", gap="small"):
        for number, advice in enumerate(digest.advice, 1):
            text, button, command = st.columns([6, 2, 5], vertical_alignment="center")
            text.markdown(_format_advice(view, advice, number), unsafe_allow_html=True)
            with button:
                _draw_action(view, digest, advice, number)
            command.code(advice.command, language=None, wrap_lines=True)


def _draw_advised_then(view: View, advised: Sequence[AdviceDocument]) -> None:
    st.subheader("What was advised then", anchor="advised")
    for number, advice in enumerate(advised, 1):
        st.markdown(_format_advice(view, advice, number), unsafe_allow_html=True)
    if not advised:
        st.caption("Nothing.")


def _format_advice(view: View, advice: AdviceDocument, number: int) -> str:
    text, reason = (escape_markdown(use_unit_symbols(one)) for one in (advice.text, advice.reason))
    links = []
    if advice.execution_id:
        links.append(format_link(view.link("execution", execution=advice.execution_id), "Open the execution"))
    if advice.task_id:
        links.append(format_link(view.link("result", result=advice.task_id), "Open a failed result"))
    cost = f" ({escape_markdown(advice.cost)})" if advice.cost else ""
    return ". ".join((f"{number}. **{text}**{cost}: {reason}", *links))


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


def _draw_action(view: View, digest: DigestDocument, advice: AdviceDocument, number: int) -> None:
    """Draw the link to the page of an action, or the button that performs it or opens its form."""
    page = find_page(view, digest, advice)
    if page is not None:
        title, address = page
        link = f'<a class="digest-action" href="{escape(address)}">{escape(title)}</a>'
        st.markdown(link, unsafe_allow_html=True)
    elif not view.edits:
        return
    elif advice.kind is AdviceKind.RESUME:
        draw_resume_button(view, advice.execution_id, place=_PLACE)
    elif advice.kind is AdviceKind.RELEASE:
        if st.button("Create release …", icon=":material/bookmark_add:", key="digest.release"):
            dialog("Create a release")(draw_release_form)(view, digest.chip_id, uuid4().hex)
    elif st.button("Measure …", icon=":material/play_arrow:", key=f"digest.measure.{number}"):
        clear_submission(_FORM)
        dialog("Calibrate", width="large")(draw_measure_form)(view, digest.chip_id, advice)


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
        key=_FORM,
    )
