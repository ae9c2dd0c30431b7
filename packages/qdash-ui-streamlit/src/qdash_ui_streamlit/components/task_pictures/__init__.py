"""Selection of a task by thumbnails of its results, loaded by the browser when they become visible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_ui_streamlit.components.assets import component
from qdash_ui_streamlit.showing.statuses import AS_SENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_task_pictures = component("task_pictures", html='<ul class="pictures"></ul>', parts=("../thumbnail",))


def task_pictures(pictures: Sequence[Mapping[str, Any]], *, chosen: str, key: str) -> str | None:
    """Show thumbnails, and return the task that was selected now, or None.

    Parameters
    ----------
    pictures : sequence of mapping
        `task`, `status`, and the `address` of a thumbnail.
    chosen : str
        Task that is shown large.
    key : str
        Unique key on the page.
    """
    data = {"pictures": list(pictures), "chosen": chosen, "looks": AS_SENT}
    picked: str | None = _task_pictures(key=key, data=data, on_picked_change=lambda: None).picked
    return picked
