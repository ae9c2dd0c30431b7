"""Thumbnails of the newest results of a task on a chip, loaded and cached by the browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_ui_streamlit.components.assets import make_component
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.display.statuses import STYLE_DATA

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_ui_streamlit.view import View

Placed = tuple[str, float, int]
"""Target, horizontal position in thumbnails, and row number."""


@dataclass(frozen=True, slots=True)
class ThumbnailChanges:
    """Changes to mark on thumbnails.

    Parameters
    ----------
    moved : mapping of str to (str, str, str)
        Sign, short text and words for each result with a value that moved, by its id.
    newly_failed : sequence of str
        Targets whose failed results are marked as new.
    """

    moved: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    newly_failed: Sequence[str] = ()


SIZES = ("S", "M", "L")
_HTML = """<div class="pictures">
<div class="bar"><div class="states" role="group" aria-label="Results to show"></div>
<div class="sizes" role="group" aria-label="Size of the thumbnails"></div></div>
<p class="say" role="status"></p>
<div class="scroll" tabindex="0" role="region" aria-label="Thumbnails"><ul class="sheet"></ul></div>
</div>"""
_thumbnails = make_component(__file__, html=_HTML, parts=("thumbnail",))


def thumbnails(
    view: View,
    chip_id: str,
    task: str,
    places: Sequence[Placed],
    *,
    key: str,
    excluded: Mapping[str, str],
    changes: ThumbnailChanges,
    size: str,
    shown: Sequence[str],
    on_look: Callable[[], None],
) -> None:
    """Show the thumbnails, each a link to its result; `changes` outlines results and targets.

    Parameters
    ----------
    places : sequence of (str, float, int)
        Targets with their positions: horizontal position in thumbnails, and row number.
    key : str
        Unique key on the page; `st.session_state[key]["look"]` has `size` and `shown` when `on_look` is
        called.
    excluded : mapping
        Status by target of excluded and dead targets.
    size : str
        One of `SIZES`.
    shown : sequence of str
        Statuses of the results to show; empty: all.
    on_look : callable
        Called when the user selects another size or other statuses.
    """
    data: dict[str, Any] = {
        "looks": STYLE_DATA,
        "who": view.me.user.username,
        "url": view.host_path(f"chips/{chip_id}/thumbnails", task=task),
        "result": view.link("result", result=""),
        "chip_id": chip_id,
        "task": task,
        "kinds": ALL,
        "places": [list(place) for place in places],
        "excluded": dict(excluded),
        "moved": {task_id: list(texts) for task_id, texts in changes.moved.items()},
        "newly_failed": list(changes.newly_failed),
        "size": size,
        "shown": list(shown),
    }
    _thumbnails(key=key, data=data, on_look_change=on_look)
