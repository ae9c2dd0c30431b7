"""Table of the results of a region on the workbench: of every target the previous values beside the new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.pages.titles import load_titles
from qdash_builtin.results.operations.results import list_results
from qdash_builtin.results.pages.earlier_results import is_earlier
from qdash_builtin.results.pages.result_comparison import make_output_columns, make_output_row
from qdash_builtin.results.views.result_comparisons import OutputComparisonDocument
from qdash_builtin.values.value_change import ValueChange
from qdash_ui_streamlit.components.table import Column, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_builtin.runs.views.results import ResultDocument
    from qdash_ui_streamlit.view import View

_SEARCHED = 200
"""Number of results of the task on the chip among which the previous ones are searched."""
_COLUMNS = (
    Column("target", "Target", link="link", help="Opens the new result, else the previous one"),
    *make_output_columns("Previous", "New"),
    Column("outcome", "New outcome", "status"),
    Column("was", "Previous outcome", "status"),
)


def draw_region(
    view: View, chip_id: str, task: str, targets: Sequence[str], new: Mapping[str, ResultDocument]
) -> None:
    """Draw the table of the targets of the region. One request. `new` has the results of the run by target."""
    starts = [one.start_at for one in new.values() if one.start_at is not None]
    page = view.ask(
        list_results.paged(limit=_SEARCHED), chip_id=chip_id, task=task, until=min(starts, default=None)
    )
    before, titles = find_previous(page.items, new), load_titles(view)
    table(
        view,
        _COLUMNS,
        [
            row
            for target in targets
            for row in list_target_rows(view, target, before.get(target), new.get(target), titles)
        ],
        key="workbench.region",
        label="Results of the region",
        filtered=len(targets) > 1,
    )
    if page.next and any(target not in before for target in targets):
        st.caption(f"Previous results are those among the last {_SEARCHED} of this task on the chip.")


def find_previous(
    found: Iterable[ResultDocument], new: Mapping[str, ResultDocument]
) -> dict[str, ResultDocument]:
    """Return the newest ended result of each target from before its new one; `found` has the newest first."""
    previous: dict[str, ResultDocument] = {}
    for one in found:
        later = new.get(one.qid)
        if later is not None and one.execution_id == later.execution_id:
            continue
        if one.qid not in previous and is_earlier(one, None if later is None else later.start_at):
            previous[one.qid] = one
    return previous


def list_target_rows(
    view: View,
    target: str,
    before: ResultDocument | None,
    new: ResultDocument | None,
    titles: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Return a row for each value of a target; without values one row with the outcomes. `titles` are those of `load_titles`."""
    shown = new or before
    first: dict[str, Any] = {
        "target": target,
        "link": None if shown is None else view.link("result", result=shown.task_id),
        "was": None if before is None else before.outcome,
        "outcome": None if new is None else new.outcome,
    }
    known, found = ({} if one is None else one.output_parameters for one in (before, new))
    rows = [
        make_output_row(
            OutputComparisonDocument.from_change(
                ValueChange(target, name, known.get(name), found.get(name)), same_data=False
            ),
            titles,
        )
        for name in dict.fromkeys([*known, *found])
    ]
    return [{**first, **row} for row in rows] or [first]
