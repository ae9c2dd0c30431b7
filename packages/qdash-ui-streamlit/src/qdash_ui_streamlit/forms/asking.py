"""A run that a form asks for: what it would do, and that it is begun once."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from qdash_client.generated.api.executions import submit_run
from qdash_client.generated.api.plans import preview_run
from qdash_core.cli.rendering.output import counted
from qdash_core.errors import LoginError, QDashError
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.session import look_again
from qdash_ui_streamlit.showing.states import problem
from qdash_ui_streamlit.showing.times import span_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.documents.executions import SubmittedDocument
    from qdash_core.documents.previews import PreviewDocument
    from qdash_core.models.request import RunRequest
    from qdash_ui_streamlit.view import View

_COLUMNS = (
    Column("step", "Step"),
    Column("tasks", "Tasks"),
    Column("targets", "Targets"),
    Column("groups", "Groups", "number", help="Of targets that are measured together"),
    Column("seconds", "Expected", "seconds", help="In the laboratory"),
)


@dataclass
class Asked:
    """What became of a request since it stood in the form.

    Parameters
    ----------
    request : RunRequest
        The request.
    once : str
        The key under which it is begun: however often it is sent, it is one run.
    plan : PreviewDocument or None
        What it would do; None: nobody asked.
    begun : SubmittedDocument or None
        The run; None: it was not begun.
    refused : QDashError or None
        Why it was not, or what it would do could not be told.
    """

    request: RunRequest
    once: str
    plan: PreviewDocument | None = None
    begun: SubmittedDocument | None = None
    refused: QDashError | None = None


def asked_before(kept: Asked | None, request: RunRequest, new_key: Callable[[], str]) -> Asked:
    """Return what became of a request; where another one stood in the form, it is new."""
    return kept if kept is not None and kept.request == request else Asked(request, new_key())


def forget_asked(key: str) -> None:
    """Forget what became of the request of a form: it is opened anew, and what is asked for is another run."""
    st.session_state.pop(f"{key}.asked", None)


def ask_for(view: View, request: RunRequest | None, *, key: str) -> None:
    """Draw the buttons of a form, and what came of them.

    Parameters
    ----------
    view : View
        Who asks: who may not run anything has no button that begins a run.
    request : RunRequest or None
        What is asked for; None: something in the form is wrong.
    key : str
        Of the form.
    """
    place = f"{key}.asked"
    if request is not None:
        st.session_state[place] = asked_before(st.session_state.get(place), request, lambda: uuid4().hex)
    asked: Asked | None = st.session_state.get(place) if request is not None else None
    with st.container(horizontal=True):
        st.button(
            "Dry run",
            key=f"{key}.plan",
            disabled=asked is None,
            on_click=_plan,
            args=(view, asked),
            icon=":material/visibility:",
        )
        if view.edits:
            st.button(
                "Start",
                key=f"{key}.start",
                type="primary",
                disabled=asked is None or asked.begun is not None,
                on_click=_begin,
                args=(view, asked),
                icon=":material/play_arrow:",
            )
    if asked is None:
        st.markdown("Correct what is marked above first.")
        return
    if asked.refused is not None:
        problem(asked.refused)
    if asked.begun is not None:
        _show_begun(view, asked.begun, key=key)
    if asked.plan is not None:
        _show_plan(view, asked.plan, key=key)


def _plan(view: View, asked: Asked) -> None:
    with _refusing(asked):
        asked.plan = view.ask(preview_run, body=asked.request)


def _begin(view: View, asked: Asked) -> None:
    if asked.begun is None:  # else it was pressed again before the page was drawn
        with _refusing(asked):
            asked.begun = view.ask(submit_run, body=asked.request, idempotency_key=asked.once)


@contextmanager
def _refusing(asked: Asked) -> Iterator[None]:
    """Keep with a request why the host refuses something about it."""
    asked.refused = None
    try:
        yield
    except QDashError as error:
        if isinstance(error, LoginError):
            look_again()
        asked.refused = error


def plan_words(plan: PreviewDocument) -> str:
    """Return in a sentence what a run would do, and how long that takes where it is known."""
    if not plan.tasks or not plan.targets:
        return "Nothing would be measured."
    known = [stage.makespan_s for stage in plan.stages if stage.makespan_s is not None]
    said = f"{counted(len(plan.tasks), 'task')} on {counted(len(plan.targets), 'target')}"
    if not known:
        return f"{said}; how long that takes is not known yet."
    return f"{said}, about {span_text(sum(known))} in the laboratory."


def _show_plan(view: View, plan: PreviewDocument, *, key: str) -> None:
    st.markdown(f"**{plan_words(plan)}** Nothing was written.")
    left_out = {**(plan.left_out or {}), **(plan.tasks_left_out or {})}
    if left_out:
        table(
            view,
            (Column("what", "Left out"), Column("why", "Why")),
            [{"what": what, "why": why} for what, why in left_out.items()],
            key=f"{key}.left_out",
            label="What is left out",
        )
    rows = [
        {
            "step": stage.step,
            "tasks": ", ".join(stage.tasks) or None,
            "targets": ", ".join(stage.targets) or "chosen by the step",
            "groups": None if stage.groups is None else len(stage.groups),
            "seconds": stage.makespan_s,
        }
        for stage in plan.stages
    ]
    table(view, _COLUMNS, rows, key=f"{key}.stages", label="Stages of the run")


def _show_begun(view: View, begun: SubmittedDocument, *, key: str) -> None:
    address = view.link("execution", execution=begun.execution_id)
    waits = f" It waits for {begun.waits_for}." if begun.waits_for else ""
    st.success(
        f"Run [{begun.execution_id}]({address}) is in the queue.{waits}", icon=":material/check_circle:"
    )
    if begun.advice:
        st.warning(begun.advice, icon=":material/engineering:")
    st.button(
        "Ask for the same again",
        key=f"{key}.again",
        on_click=forget_asked,
        args=(key,),
        icon=":material/replay:",
    )
