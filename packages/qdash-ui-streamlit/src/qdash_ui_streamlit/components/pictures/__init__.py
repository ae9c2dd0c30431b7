"""The newest results of a task on a whole chip as small pictures, which the browser fetches and keeps itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_ui_streamlit.components.assets import component
from qdash_ui_streamlit.showing.statuses import AS_SENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_ui_streamlit.view import View

Placed = tuple[str, float, int]
"""A target, how many pictures from the left, and the number of its row."""

SIZES = ("S", "M", "L")
_HTML = """<div class="pictures">
<div class="bar"><div class="states" role="group" aria-label="Results that are shown"></div>
<div class="sizes" role="group" aria-label="Size of the pictures"></div></div>
<p class="say" role="status"></p>
<div class="scroll" tabindex="0" role="region" aria-label="Pictures"><ul class="sheet"></ul></div>
</div>"""
_pictures = component("pictures", html=_HTML, parts=("../thumbnail",))


def pictures(
    view: View,
    chip_id: str,
    task: str,
    places: Sequence[Placed],
    *,
    key: str,
    set_aside: Mapping[str, str],
    size: str,
    shown: Sequence[str],
    on_look: Callable[[], None],
) -> None:
    """Show the pictures, each a link to its result.

    Parameters
    ----------
    view : View
        Who looks.
    chip_id, task : str
        What they look at.
    places : sequence of (str, float, int)
        Each target with its place: from the left in pictures, and the number of its row.
    key : str
        Unique on the page; `st.session_state[key]["look"]` has `size` and `shown` when `on_look` is called.
    set_aside : mapping
        Targets that flows do not measure: target to why.
    size : str
        One of `SIZES`.
    shown : sequence of str
        States of results of which the pictures are shown; empty: all.
    on_look : callable
        Called when another size or other states are chosen.
    """
    data: dict[str, Any] = {
        "looks": AS_SENT,
        "who": view.me.user.username,
        "url": view.host_path(f"chips/{chip_id}/thumbnails", task=task),
        "result": view.link("result", result=""),
        "chip_id": chip_id,
        "task": task,
        "places": [list(place) for place in places],
        "set_aside": dict(set_aside),
        "size": size,
        "shown": list(shown),
    }
    _pictures(key=key, data=data, on_look_change=on_look)
