"""Statistics of a task: runs, outcomes, durations and last failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.results.operations.results import list_results
from qdash_builtin.results.operations.task_records import task_record as record_of_task
from qdash_cli.rendering.output import format_count
from qdash_core.models.task import Outcome, TaskStatus
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.columns import make_wide_and_narrow
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.display.times import format_duration

if TYPE_CHECKING:
    from qdash_builtin.results.views.task_records import TaskTallyDocument
    from qdash_ui_streamlit.view import View

_FAILURES = 8
"""Number of last failures that are listed."""


@fragment
def draw_task_record(view: View, name: str, chip_id: str | None) -> None:
    """Draw the statistics of a task, and redraw them when its results change."""
    rerun_on_events("task.ended", ALL, chip_id=chip_id, at_most_every_s=10.0)
    st.header("Statistics", divider="gray")
    record = view.ask(record_of_task, name)
    if not record.tally.results:
        st.markdown("It has not run in this project.")
        return
    chip = record.chips.get(chip_id or "")
    if chip_id is not None and chip is None:
        st.markdown(f"Not run on {chip_id}. On all chips:")
    elif chip is not None:
        st.markdown(f"On {chip_id}:")
    draw_facts(list_outcomes(view, chip or record.tally, name, chip_id if chip is not None else None))
    if record.tally.results == record.newest:
        st.caption(f"From the newest {record.newest} results of the project.")
    left, right = make_wide_and_narrow("task_record")
    with left:
        _draw_chips(view, name, record.chips)
    with right:
        _draw_failures(view, name, chip_id if chip is not None else None)


def list_outcomes(
    view: View, tally: TaskTallyDocument, task: str, chip_id: str | None
) -> dict[str, str | None]:
    """Return the statistics of results of a task, on a chip or on all, HTML by name; None if unknown."""
    return {
        "Results": f"{tally.results} in {format_count(tally.executions, 'run')}",
        **{
            str(outcome).capitalize(): format_link(
                _make_list_url(view, task, chip_id, outcome), format_share(number, tally.results)
            )
            for outcome, number in count_outcomes(tally).items()
        },
        "Median laboratory time": _format_duration(tally.median_lab_s),
        "Median wall time": _format_duration(tally.median_wall_s),
        "First": view.time(tally.first_at),
        "Last": view.time(tally.last_at),
    }


def count_outcomes(tally: TaskTallyDocument) -> dict[Outcome, int]:
    """Return the numbers of accepted, flagged and failed results; accepted are those that completed and are not flagged."""
    completed = tally.by_status.get(TaskStatus.COMPLETED, 0)
    return {
        Outcome.ACCEPTED: completed - tally.flagged,
        Outcome.FLAGGED: tally.flagged,
        Outcome.FAILED: tally.by_status.get(TaskStatus.FAILED, 0),
    }


def _make_list_url(view: View, task: str, chip_id: str | None, outcome: Outcome) -> str:
    """Return the URL of the list of the results of a task with an outcome."""
    return view.link("executions", view="results", task=task, chip=chip_id, outcome=outcome)


def format_share(count: int, whole: int) -> str:
    """Return a number with its percentage of the total: `12 (4.8 %)`."""
    return f"{count} ({100 * count / whole:.1f}\N{NO-BREAK SPACE}%)" if whole else f"{count}"


def _format_duration(seconds: float | None) -> str | None:
    return None if seconds is None else format_duration(seconds)


def _draw_chips(view: View, name: str, chips: dict[str, TaskTallyDocument]) -> None:
    st.subheader("By chip")
    columns = [
        Column("chip", "Chip", link="page"),
        Column("results", "Results", "number"),
        Column("outcomes", "Outcomes", "states", help="Each number opens the results that it counts"),
        Column("lab", "Lab time", "seconds", help="Median laboratory time of completed results"),
        Column("last", "Last", "time"),
    ]
    rows: list[dict[str, Any]] = [
        {
            "chip": chip_id,
            "page": view.link("tasks", task=name, chip=chip_id),
            "results": tally.results,
            "outcomes": [
                {
                    "state": str(outcome),
                    "text": f"{number} {outcome}",
                    "href": _make_list_url(view, name, chip_id, outcome),
                }
                for outcome, number in count_outcomes(tally).items()
                if number
            ],
            "lab": tally.median_lab_s,
            "last": tally.last_at,
        }
        for chip_id, tally in chips.items()
    ]
    table(view, columns, rows, key="task.chips", label="Chips on which the task ran")


def _draw_failures(view: View, name: str, chip_id: str | None) -> None:
    st.subheader("Latest failures")
    failed = view.ask(
        list_results.paged(limit=_FAILURES), task=name, status=TaskStatus.FAILED, chip_id=chip_id
    ).items
    columns = [
        Column("when", "Time", "time", link="page"),
        Column("target", "Target", link="target_page"),
        Column("message", "Message"),
    ]
    rows = [
        {
            "when": one.start_at,
            "page": view.link("result", result=one.task_id),
            "target": one.qid or "the chip",
            "target_page": make_target_url(view, one.chip_id, one.qid) if one.qid else None,
            "message": one.message,
        }
        for one in failed
    ]
    table(view, columns, rows, key="task.failures", label="Latest failures", empty="No failures.")
