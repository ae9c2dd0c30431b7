"""Task results of an execution, filtered and loaded page by page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.pages.titles import load_titles, replace_names
from qdash_builtin.results.operations.results import list_results
from qdash_builtin.runs.operations.executions import execution_header
from qdash_builtin.runs.pages.refit_display import describe_refit, get_shown_start
from qdash_builtin.runs.pages.verdicts import describe_decision
from qdash_core.models.task import describe_outcomes
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.quantities import format_value
from qdash_ui_streamlit.display.session_cache import cache_on_page
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.display.views import draw_view_links
from qdash_ui_streamlit.forms import query_params

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_builtin.runs.views.executions import ExecutionView
    from qdash_builtin.runs.views.results import ResultDocument
    from qdash_ui_streamlit.view import View

FIRST_PAGE, FURTHER_PAGE = 100, 200
"""Number of results on the first page, and on each further page."""
_FILTERS = ("outcome", "task", "target", "q")
COLUMNS = (
    Column("name", "Task", link="address"),
    Column("qid", "Target", link="target_address"),
    Column("status", "Status", "status"),
    Column(
        "verdict", "Verdict", "status", help="Outcome of validation; accepted values are saved to the chip"
    ),
    Column("values", "Values", "lines"),
    Column("message", "Message"),
    Column("lab_s", "Lab time", "seconds"),
    Column("wall_s", "Wall time", "seconds", help="Measurement and analysis"),
    Column("start_at", "Started", "time", help="Start of the measurement, also of a refit"),
)
"""Columns of a table of results, see `make_row`."""
_NAMED_VALUES = 3


@dataclass
class LoadedResults:
    """Results loaded from the host, newest first; `fresh` if they were loaded in this run of the script."""

    query: Mapping[str, Any]
    pages: list[Any] = field(default_factory=list)
    fresh: bool = False

    @property
    def next(self) -> str | None:
        """Cursor of the next page, or None if there is none."""
        return self.pages[-1].next if self.pages else None

    @property
    def results(self) -> list[ResultDocument]:
        """All loaded results, each once."""
        return [*{one.task_id: one for page in self.pages for one in page.items}.values()]

    def refresh(self, ask: Callable[..., Any]) -> None:
        """Reload all loaded pages, since any of them may change during a run."""
        if not self.fresh:
            wanted, self.pages = max(1, len(self.pages)), []
            while len(self.pages) < wanted and (self.next is not None or not self.pages):
                self.load_more(ask)
        self.fresh = False

    def load_more(self, ask: Callable[..., Any]) -> None:
        """Load the next page."""
        limit = FURTHER_PAGE if self.pages else FIRST_PAGE
        self.pages.append(ask(list_results.paged(limit=limit, after=self.next), **self.query))
        self.fresh = True


def draw_tasks(view: View, shown: ExecutionView) -> None:
    """Draw the task results of an execution."""
    stages = find_stages(shown)
    with st.container(horizontal=True):
        query_params.draw_select(
            view,
            "task",
            "Task",
            [*stages],
            any_text="any task",
            format_option=lambda name: _format_task(name, stages),
        )
        query_params.draw_text_field(view, "target", "Qubit or coupling", placeholder="any")
        query_params.draw_text_field(view, "q", "Words in message", placeholder="any")
    filters = {name: view.param(name) for name in _FILTERS if view.param(name)}
    _draw_results(view, {"execution_id": shown.execution_id, **filters, **query_params.read_outcome(view)})


def find_stages(shown: ExecutionView) -> dict[str, list[int]]:
    """Return the tasks of an execution in the order of its plan, with the numbers of their stages."""
    found: dict[str, list[int]] = {}
    for number, stage in enumerate(shown.stages, 1):
        for name in stage.tasks:
            found.setdefault(name, []).append(number)
    return found


def _format_task(name: str, stages: Mapping[str, Sequence[int]]) -> str:
    """Return the name of a task, with its stages if the execution has several."""
    several = len({number for numbers in stages.values() for number in numbers}) > 1
    if not several or name not in stages:
        return name
    return f"{name} (stage {', '.join(map(str, stages[name]))})"


@fragment
def _draw_results(view: View, filters: Mapping[str, Any]) -> None:
    execution_id = filters["execution_id"]
    rerun_on_events(f"results.rerun.{execution_id}", ALL, execution_id=execution_id, at_most_every_s=4.0)
    _draw_outcome_links(view, execution_id)
    read = cache_on_page("execution.results", filters, lambda: LoadedResults(filters))
    read.refresh(view.ask)
    place, more = st.container(), st.empty()
    if read.next is not None and more.button(
        f"Load {FURTHER_PAGE} more", icon=":material/expand_more:", key="results.more"
    ):
        read.load_more(view.ask)
        if read.next is None:
            more.empty()
    with place:
        table(
            view,
            COLUMNS,
            [make_row(view, one) for one in read.results],
            key="execution.results.table",
            label="Results",
            empty="No results match the filters." if len(filters) > 1 else "No results yet.",
            filtered=False,
            shown=max(FIRST_PAGE, len(read.results)),
        )


def _draw_outcome_links(view: View, execution_id: str) -> None:
    """Draw the links to the results by outcome, each with their number."""
    shown = view.ask(execution_header, execution_id)
    if not shown.outcomes:
        return
    place = {"execution": execution_id, **{name: view.param(name) for name in _FILTERS if name != "outcome"}}
    offered = {"": ("all", view.link("execution", **place))}
    for outcome, text in describe_outcomes(shown.outcomes).items():
        offered[outcome] = (
            format_status_html(outcome, text),
            view.link("execution", **place, outcome=outcome),
        )
    draw_view_links(view.param("outcome") or "", offered, label="Results by outcome")


def make_row(view: View, result: ResultDocument) -> dict[str, Any]:
    """Return a result as a table row."""
    titles = load_titles(view)
    return {
        "name": result.name,
        "address": view.link("result", result=result.task_id),
        "qid": result.qid or "the chip",
        "target_address": make_result_target_url(view, result.chip_id, result.qid),
        "status": "interrupted" if result.interrupted else str(result.status),
        "verdict": result.verdict_in_force and str(result.verdict_in_force),
        "values": format_values(result, titles),
        "message": format_message(view, result, titles),
        "lab_s": result.lab_s,
        "wall_s": (result.end_at - result.start_at).total_seconds()
        if result.start_at and result.end_at
        else None,
        "start_at": get_shown_start(result),
    }


def make_result_target_url(view: View, chip_id: str, qid: str) -> str:
    """Return the URL of the page of a target."""
    if not qid:
        return view.link("chip", chip=chip_id)
    return make_target_url(view, chip_id, qid)


def format_values(one: ResultDocument, titles: Mapping[str, str]) -> list[str]:
    """Return the first output values of a result with titles, errors and units, and the number of further ones."""
    values = [
        f"{titles.get(name, name)}: {format_value(found.value, found.error, found.unit)}"
        if isinstance(found.value, int | float)
        else f"{titles.get(name, name)}: {found.value}"
        for name, found in one.output_parameters.items()
    ]
    more = len(values) - _NAMED_VALUES
    return [*values[:_NAMED_VALUES], *([f"and {more} more"] if more > 0 else [])]


def format_message(view: View, one: ResultDocument, titles: Mapping[str, str]) -> str:
    """Return the message of a result, with its task attempt, time and author of a refit, and the decisions on it."""
    decisions = dict.fromkeys(map(describe_decision, one.decisions.values()))
    message = replace_names(one.message.removeprefix(f"{one.verdict}: "), titles)
    attempt = f"attempt\N{NO-BREAK SPACE}{one.attempt}" if one.attempt > 1 else ""
    again = describe_refit(view, one)
    return "; ".join(filter(None, (again, attempt, message, *decisions)))
