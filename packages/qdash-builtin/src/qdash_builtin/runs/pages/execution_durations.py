"""Durations of the tasks and stages of an execution in laboratory time."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

from qdash_builtin.runs.operations.executions import execution_timeline
from qdash_core.models.name_summary import summarize_names
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_empty

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_builtin.runs.views.timelines import SpanDocument, StageDocument, TimelineDocument
    from qdash_ui_streamlit.view import View

_TASKS = (
    Column("task", "Task"),
    Column("count", "Measurements", "number"),
    Column("median_s", "Median", "seconds"),
    Column("longest_s", "Longest", "seconds"),
    Column("target", "Longest on"),
    Column("total_s", "Total", "seconds", help="Sum over all targets"),
)
_STAGES = (
    Column("number", "Stage", "number"),
    Column("tasks", "Tasks"),
    Column("targets", "Targets", "number"),
    Column("strategy", "Strategy", help="Scheduling strategy, and its blocks, each of which starts after the end of the one before"),
    Column("makespan_s", "Duration", "seconds"),
    Column("lower_bound_s", "Lower bound", "seconds", help="No schedule is shorter if each target takes as long as it did"),
    Column("group_by_group_s", "Group by group", "seconds", help="Duration if each group had waited for the one before"),
)  # fmt: skip
_NAMED_TASKS = 3


@fragment
def draw_durations(view: View, execution_id: str) -> None:
    """Draw the durations of an execution."""
    rerun_on_events(f"durations.rerun.{execution_id}", ALL_BUT_TASKS, execution_id=execution_id)
    parts = _load_timeline(view, execution_id)
    rows = summarize_tasks(span for one in parts for span in one.spans)
    if not rows:
        show_empty("No measurements yet.")
        return
    table(view, _TASKS, rows, key="durations.tasks", label="Durations of tasks", filtered=False)
    table(
        view, _STAGES, summarize_stages(parts[0].stages), key="durations.stages", label="Durations of stages"
    )


def _load_timeline(view: View, execution_id: str) -> list[TimelineDocument]:
    parts = [view.ask(execution_timeline, execution_id)]
    while (after_s := parts[-1].next_s) is not None:
        parts.append(view.ask(execution_timeline, execution_id, after_s=after_s))
    return parts


def summarize_tasks(spans: Iterable[SpanDocument]) -> list[dict[str, Any]]:
    """Return the durations of tasks in laboratory seconds as table rows, longest total first."""
    of: dict[str, list[SpanDocument]] = {}
    for span in spans:
        of.setdefault(span.task, []).append(span)
    rows = [_summarize_task(name, found) for name, found in of.items()]
    return sorted(rows, key=lambda row: -row["total_s"])


def _summarize_task(name: str, spans: Sequence[SpanDocument]) -> dict[str, Any]:
    longest = max(spans, key=lambda span: span.lab_s)
    return {
        "task": name,
        "count": len(spans),
        "median_s": median(span.lab_s for span in spans),
        "longest_s": longest.lab_s,
        "target": longest.target or "the chip",
        "total_s": sum(span.lab_s for span in spans),
    }


def summarize_stages(stages: Iterable[StageDocument]) -> list[dict[str, Any]]:
    """Return the durations of stages and their lower bounds in laboratory seconds, as table rows."""
    return [
        {
            "number": number,
            "tasks": summarize_names(stage.tasks, _NAMED_TASKS),
            "targets": sum(len(group) for group in stage.groups),
            "strategy": _describe_strategy(stage),
            "makespan_s": stage.makespan_s,
            "lower_bound_s": stage.lower_bound_s,
            "group_by_group_s": stage.group_by_group_s,
        }
        for number, stage in enumerate(stages, 1)
    ]


def _describe_strategy(stage: StageDocument) -> str | None:
    """Return the strategy of a stage with its number of blocks, or None if there is neither."""
    blocks = f"{len(stage.barriers) + 1} blocks" if stage.barriers else ""
    return ", ".join(part for part in (stage.strategy, blocks) if part) or None
