"""Selection of a task by thumbnails of its results, loaded by the browser when they become visible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_ui_streamlit.components.assets import make_component
from qdash_ui_streamlit.display.statuses import STYLE_DATA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_task_thumbnails = make_component(__file__, html='<ul class="pictures"></ul>', parts=("thumbnail",))


def task_thumbnails(pictures: Sequence[Mapping[str, Any]], *, chosen: str, key: str) -> str | None:
    """Show thumbnails, and return the task that was selected now, or None; the chosen task is shown large.

    Each picture has `task`, `status`, `mark` (`refit`, `analysis` or empty), and the `address` of a thumbnail.
    """
    data = {"pictures": list(pictures), "chosen": chosen, "looks": STYLE_DATA}
    picked: str | None = _task_thumbnails(key=key, data=data, on_picked_change=lambda: None).picked
    return picked
