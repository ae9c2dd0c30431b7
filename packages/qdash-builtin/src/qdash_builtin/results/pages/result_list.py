"""Task results of all executions, filtered, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.results.operations.results import list_results
from qdash_builtin.runs.pages import execution_tasks
from qdash_builtin.runs.pages.record_filters import (
    FURTHER_FILTERS,
    SHARED_FILTERS,
    draw_further_filters,
    draw_record_filters,
)
from qdash_core.models.task import Outcome
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.paging import draw_paging
from qdash_ui_streamlit.display.statuses import format_status
from qdash_ui_streamlit.forms import query_params
from qdash_ui_streamlit.forms.more_filters import more_filters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.runs.views.results import ResultDocument
    from qdash_ui_streamlit.view import View

_FILTERS = (*SHARED_FILTERS, "outcome", "target", "q")
_COLUMNS = (
    Column("execution_id", "Execution", "execution"),
    Column("chip_id", "Chip", "chip"),
    *execution_tasks.COLUMNS,
    Column("username", "User", "user"),
    Column("tags", "Tags"),
)


def render(view: View, place: str) -> None:
    """Draw the filters and the results; `place` is the page whose view this is."""
    clears = ("after",)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        filters = draw_record_filters(view)
        query_params.draw_select(
            view,
            "outcome",
            "Outcome",
            [str(one) for one in Outcome],
            any_text="any outcome",
            format_option=format_status,
            clears=(*clears, "verdict"),
        )
        target = query_params.draw_text_field(
            view, "target", "Qubit or coupling", placeholder="any", clears=clears
        )
        with more_filters(view, ("q", *FURTHER_FILTERS)):
            words = query_params.draw_text_field(
                view, "q", "Words in message", placeholder="any", clears=clears
            )
            filters |= draw_further_filters(view)
    more = {"target": target, "q": words}
    given = {name: value for name, value in more.items() if value}
    _draw_list(view, place, {**filters, **given, **query_params.read_outcome(view)})


@fragment
def _draw_list(view: View, place: str, filters: dict[str, Any]) -> None:
    rerun_on_events("results.rerun", ALL, chip_id=filters.get("chip_id"), at_most_every_s=4.0)
    page = view.ask(list_results.paged(after=view.param("after")), **filters)
    filtered = any(view.param(name) for name in _FILTERS)
    table(
        view,
        _COLUMNS,
        make_rows(view, page.items),
        key="results.table",
        label="Results",
        filtered=False,
        empty="No results match the filters." if filtered else "No results yet.",
    )
    draw_paging(view, place, ("view", *_FILTERS), page.next, label="Pages of results")


def make_rows(view: View, found: Iterable[ResultDocument]) -> list[dict[str, Any]]:
    """Return results as table rows, with their executions."""
    return [
        {
            **row,
            "execution_id": one.execution_id,
            "chip_id": one.chip_id,
            "username": one.username,
            "tags": ", ".join(one.tags),
        }
        for one, row in ((one, execution_tasks.make_row(view, one)) for one in found)
    ]
