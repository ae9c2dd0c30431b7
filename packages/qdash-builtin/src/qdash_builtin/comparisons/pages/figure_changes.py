"""Changes since a point in time that are marked on the figures of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.comparisons.operations import compare_points
from qdash_builtin.comparisons.pages.comparison_presets import get_yesterday_evening
from qdash_builtin.metrics.pages.titles import load_titles
from qdash_builtin.results.pages.thumbnails import ThumbnailChanges
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.nights import YESTERDAY_EVENING
from qdash_core.models.quantities import format_count
from qdash_ui_streamlit.display.markdown import escape_markdown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.comparisons.views.comparisons import PointComparisonDocument
    from qdash_ui_streamlit.view import View

_PARAM = "changed_since"
_OFF = "off"
_KEY = "figures.changes"


def draw_figure_changes(view: View, chip_id: str) -> ThumbnailChanges:
    """Draw the switch for marked changes with a legend, and return the changes since the point `changed_since` in the URL.

    Without it the point is yesterday 18:00; with `off` nothing is marked and the host is not asked.
    """
    since = view.param(_PARAM)
    point = None if since == _OFF else since
    st.session_state[_KEY] = since != _OFF
    st.toggle(
        f"Mark changes since {escape_markdown(point or YESTERDAY_EVENING)}",
        key=_KEY,
        on_change=_set_since,
        args=(view,),
    )
    if since == _OFF:
        return ThumbnailChanges()
    try:
        found = view.ask(
            compare_points, chip_id, before=point or get_yesterday_evening(view.zone, now=view.now())
        )
    except (InvalidInputError, NotFoundError, ConflictError) as error:
        st.caption(f"No changes are marked: {escape_markdown(str(error))}.")
        return ThumbnailChanges()
    changes = list_figure_changes(found, load_titles(view))
    address = view.link("compare", chip=chip_id, before=point)
    st.caption(
        "Thick frame with ▲ or ▼: a value of the result moved beyond its usual scatter; with !: the target is newly failed. "
        f"[{format_count(len(found.moved), 'value')} moved, {format_count(len(changes.newly_failed), 'target')} newly failed]({address})"
    )
    return changes


def list_figure_changes(found: PointComparisonDocument, titles: Mapping[str, str]) -> ThumbnailChanges:
    """Return the results whose values moved, with the most significant value first, and the newly failed targets.

    `titles` are those of `load_titles`.
    """
    moved: dict[str, tuple[str, str, str]] = {}
    for one in found.moved:
        task_id = one.after.get("task_id") if one.after is not None else None
        if not task_id:
            continue
        size = one.describe_difference()
        words = f"{titles.get(one.parameter, one.parameter)} moved {size}"
        first = moved.get(task_id)
        sign = "▲" if (one.difference or 0.0) > 0 else "▼"
        moved[task_id] = (sign, size, words) if first is None else (*first[:2], f"{first[2]}, {words}")
    return ThumbnailChanges(moved, [one.target for one in found.statuses if one.after == "failed"])


def _set_since(view: View) -> None:
    view.set_params(**{_PARAM: None if st.session_state[_KEY] else _OFF})
