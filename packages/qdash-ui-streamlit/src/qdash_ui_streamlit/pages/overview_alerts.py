"""What wants somebody's attention: nobody to perform runs, runs that were interrupted, held, or failed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from qdash_client.generated.api.executions import resume_execution
from qdash_core.cli.rendering.output import counted
from qdash_core.models.execution import ExecutionStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.documents.executions import ExecutionHeader
    from qdash_ui_streamlit.pages.overview_now import Now
    from qdash_ui_streamlit.view import View

_OF_LATE = timedelta(hours=24)
_NAMED = 5


def alerts(view: View, found: Now) -> None:
    """Show them, the most urgent first; nothing where all is well."""
    if not found.workers:
        st.error(
            without_workers(sum(one.state == "waiting" and one.detached for one in found.queue)), icon="⚠️"
        )
    for run in found.interrupted[:_NAMED]:
        _interrupted(view, run)
    held = [one for one in found.queue if one.held]
    if held:
        names = ", ".join(f"{one.name} on {one.chip_id} ({one.reason})" for one in held[:_NAMED])
        st.warning(
            f"**Held in the queue**: {names}. [Release or remove]({view.link('executions', view='queue')})",
            icon="✋",
        )
    failed = failed_of_late(found.last, datetime.now(UTC))
    if failed:
        links = ", ".join(f"[{one.name} on {one.chip_id}]({_href(view, one)})" for one in failed[:_NAMED])
        st.warning(f"**Failed in the last 24 hours**: {links}", icon="❌")


def without_workers(n_waiting: int) -> str:
    """Return what is said where no worker lives."""
    wait = (
        f"the queue has {counted(n_waiting, 'run')}, and nobody performs what is in it"
        if n_waiting
        else "what is started now would wait"
    )
    return (
        f"**No worker is there**: {wait}.  \nStart one on a machine that sees the store: `qdash worker` "
        "(`qdash up` brings one with it)."
    )


def failed_of_late(last: Iterable[ExecutionHeader], moment: datetime) -> list[ExecutionHeader]:
    """Return the executions that failed within a day before a moment."""
    return [
        one
        for one in last
        if one.status is ExecutionStatus.FAILED and one.end_at is not None and moment - one.end_at < _OF_LATE
    ]


def _interrupted(view: View, run: ExecutionHeader) -> None:
    said, button = st.columns([5, 1], vertical_alignment="center") if view.edits else (st.container(), None)
    said.warning(
        f"**Interrupted**: [{run.name} on {run.chip_id}]({_href(view, run)}); its process died.", icon="⚡"
    )
    if button is not None and button.button(
        "Resume", key=f"overview.resume.{run.execution_id}", width="stretch"
    ):
        submitted = view.ask(resume_execution, run.execution_id)
        st.toast(submitted.advice or "It is in the queue: a worker goes on with it.")
        st.rerun(scope="fragment")


def _href(view: View, run: ExecutionHeader) -> str:
    return view.link("execution", execution=run.execution_id)
