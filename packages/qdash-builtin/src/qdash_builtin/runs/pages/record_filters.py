"""Filters that lists of executions and of task results share, bound to the URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.cooldowns.pages.cooldown_options import load_cooldowns
from qdash_builtin.tags.operations import list_tags
from qdash_core.models.task import Verdict
from qdash_ui_streamlit.display.statuses import format_status
from qdash_ui_streamlit.forms import query_params
from qdash_ui_streamlit.forms.option_lists import load_options
from qdash_ui_streamlit.forms.window import draw_window, read_window

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

SHARED_FILTERS = ("chip", "task", "verdict", "cooldown", "tag", "user", "since", "until")
"""Query parameters of the filters."""
FURTHER_FILTERS = ("verdict", "cooldown", "tag", "user")
"""Query parameters of the rarely used filters."""
_CLEARS = ("after",)


def draw_record_filters(view: View) -> dict[str, Any]:
    """Draw the usual filters, and return the arguments of the list; a change of a filter returns to the first page."""
    chips = load_options("chips", view.list_chip_ids)
    chip = query_params.draw_select(view, "chip", "Chip", chips, any_text="all chips", clears=_CLEARS)
    task = query_params.draw_text_field(view, "task", "Task", placeholder="any task", clears=_CLEARS)
    draw_window(view, clears=_CLEARS)
    return _drop_empty({"chip_id": chip, "task": task, **read_window(view).arguments()})


def draw_further_filters(view: View) -> dict[str, Any]:
    """Draw the filters that are used rarely; otherwise as `draw_record_filters`."""
    verdict = query_params.draw_select(
        view,
        "verdict",
        "Verdict",
        [str(one) for one in Verdict],
        any_text="any verdict",
        format_option=format_status,
        clears=(*_CLEARS, "outcome"),
    )
    cooldowns = load_cooldowns(view)
    cooldown = query_params.draw_select(
        view, "cooldown", "Cool-down", cooldowns, any_text="any cool-down", clears=_CLEARS
    )
    tags = load_options("tags", lambda: (one.name for one in view.every_offered(list_tags)))
    tag = query_params.draw_select(view, "tag", "Tag", tags, any_text="any tag", clears=_CLEARS)
    user = query_params.draw_text_field(view, "user", "User", placeholder="any user", clears=_CLEARS)
    return _drop_empty(
        {
            "verdict": verdict and Verdict(verdict),
            "cooldown_id": cooldown,
            "tag": (tag,) if tag else None,
            "user": user,
        }
    )


def _drop_empty(filters: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in filters.items() if value}
