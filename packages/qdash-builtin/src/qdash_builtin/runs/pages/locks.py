"""Locks page: the locks on the instruments of the project's chips, and their release by owners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.runs.lock_release import LONGEST_REASON
from qdash_builtin.runs.operations.locks import list_locks, release_lock
from qdash_core.locks.liveness import Liveness
from qdash_core.models.claims import describe_resources
from qdash_core.process.clock import machine_now
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import dialog, fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.times import format_age
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_builtin.runs.views.locks import LeaseDocument
    from qdash_ui_streamlit.view import View

_COLUMNS = (
    Column("instrument", "Instrument"),
    Column("owner", "User", "user"),
    Column("holder", "Holder", "states", help="Whether the process that holds it is alive, and renews it"),
    Column("execution_id", "Execution", link="href"),
    Column("renewed", "Renewed", help="Time since the process last renewed the lock"),
    Column("since", "Since", "time"),
    Column("parts", "Locked", help="Other runs can use the other parts of the instrument"),
    Column("chip_id", "Chip", link="chip_href"),
    Column("process", "Process"),
)
_WHOLE = "whole instrument"
_ADVICE = {
    Liveness.ALIVE: "The release stops the run: it is recorded as failed, with your name and the reason, and measurements in "
    "progress are lost. Recorded results are kept. If you can, cancel the execution instead.",
    Liveness.DOUBTFUL: "It has not renewed the lock in time, but may be alive on another machine. The release stops the run in that case, and "
    "records it as failed, with your name and the reason. Without a renewal, the next run takes over the lock automatically.",
    Liveness.DEAD: "Nothing is lost. Without a release, the next run takes over the lock automatically.",
}


def render(view: View) -> None:
    """Draw the page."""
    st.title("Instrument locks")
    _draw_locks(view)


@fragment
def _draw_locks(view: View) -> None:
    rerun_on_events("locks", ALL_BUT_TASKS)
    locks = view.ask(list_locks).leases
    if not locks:
        show_empty("No instrument is in use.", "A run locks its instrument, or the parts that it needs.")
        return
    now = machine_now()
    by_name = {make_name(one): one for one in locks}
    chosen = table(
        view,
        _COLUMNS,
        [make_row(view, one, now) for one in locks],
        key="locks.table",
        label="Instrument locks",
        chosen_by="name" if view.owns else "",
        filtered=False,
    )
    if not view.owns:
        st.caption(
            "Owners of the project can release a lock. Editors can cancel its execution; the next run takes over the lock of a dead process."
        )
        return
    selected = [by_name[name] for name in chosen if name in by_name]
    _draw_toolbar(view, selected or (list(locks) if len(locks) == 1 else []))


def _draw_toolbar(view: View, selected: list[LeaseDocument]) -> None:
    foreign = next((one for one in selected if one.project_id != view.project_id), None)
    with st.container(horizontal=True, vertical_alignment="center"):
        is_ready = len(selected) == 1 and foreign is None
        if st.button("Release …", icon=":material/lock_open:", key="locks.release", disabled=not is_ready):
            ask_to_release(view, selected[0])
        if foreign is not None:
            st.caption(
                escape_markdown(
                    f"The lock is held by a run of project {foreign.project_id}: an owner of that project releases it there."
                ),
                width="content",
            )
        elif len(selected) != 1:
            st.caption("Select one lock to release it.", width="content")


@dialog("Release this lock?")
def ask_to_release(view: View, lock: LeaseDocument) -> None:
    """Describe the consequences, ask for the reason, and release a lock."""
    run = (
        f"execution {lock.execution_id}"
        if lock.execution_id
        else "a run without a record yet, or a check of the laboratory"
    )
    whose = f" of {lock.owner}" if lock.owner else ""
    is_live = lock.holder is not Liveness.DEAD
    state = f"The process is {describe_holder(view, lock)}"
    if lock.silent_since is not None:
        state += ": it may be stopped, or cannot reach the store. If it is continued, the run goes on"
    parts = escape_markdown(f"Locked by {run}{whose}: {describe_resources(lock.resources)}.")
    st.markdown(f"{parts}  \n{state}. {_ADVICE[lock.holder]}")
    asked = "Reason" if is_live else "Reason (optional)"
    reason = st.text_input(asked, key="locks.reason", max_chars=LONGEST_REASON).strip()

    def act() -> None:
        view.ask(release_lock, lock.chip_id, execution_id=lock.execution_id, force=is_live, reason=reason)

    label = "Release the lock and stop the run" if is_live else "Release the lock"
    problem = "Give a reason." if is_live and not reason else ""
    draw_dialog_buttons(label, act, "Lock released.", key="locks.go", back_label="Keep it", problem=problem)


def make_name(one: LeaseDocument) -> str:
    """Return a name of a lock that is unique at a time."""
    return f"{one.instrument}, process {one.pid} on {one.host}, {one.acquired_at.isoformat()}"


def describe_holder(view: View, one: LeaseDocument) -> str:
    """Return the liveness of the process that holds a lock in words."""
    if one.silent_since is None:
        return str(one.holder)
    return f"{one.holder}, but no sign of life since {view.moment(one.silent_since)}"


def make_row(view: View, one: LeaseDocument, now: datetime) -> dict[str, Any]:
    """Return a lock as a table row."""
    is_mine = one.project_id == view.project_id
    run = one.execution_id
    return {
        **one.model_dump(include={"instrument", "owner"}),
        "name": make_name(one),
        "holder": [{"state": str(one.holder), "text": describe_holder(view, one)}],
        "parts": _WHOLE
        if one.resources == [f"instrument {one.instrument}"]
        else describe_resources(one.resources),
        "chip_id": one.chip_id if is_mine else f"{one.chip_id} of project {one.project_id}",
        "chip_href": view.link("chip", chip=one.chip_id) if is_mine else None,
        "execution_id": run or None,
        "href": view.link("execution", execution=run) if run and is_mine else None,
        "process": f"{one.pid} on {one.host}",
        "since": one.acquired_at,
        "renewed": format_age(one.renewed_at, now),
    }
