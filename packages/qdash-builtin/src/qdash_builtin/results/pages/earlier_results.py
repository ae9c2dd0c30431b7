"""Earlier results of a task on a target, for comparison with a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.results.operations.results import list_results

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_builtin.runs.views.results import ResultDocument
    from qdash_ui_streamlit.view import View


def load_earlier_results(
    view: View, chip_id: str, task: str, target: str, *, before: datetime | None, limit: int
) -> list[ResultDocument]:
    """Return the ended results of a task on a target that started before a time (None: until now), newest first. One request.

    The target is empty for the whole chip; `limit` results are searched.
    """
    page = view.ask(
        list_results.paged(limit=limit), chip_id=chip_id, task=task, target=target or None, until=before
    )
    return [one for one in page.items if one.qid == target and is_earlier(one, before)]


def is_earlier(one: ResultDocument, before: datetime | None) -> bool:
    """Return whether a result has ended and started before a time (None: at any time)."""
    return one.status.terminal and one.start_at is not None and (before is None or one.start_at < before)
