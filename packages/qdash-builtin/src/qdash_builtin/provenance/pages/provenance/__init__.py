"""Graph of the provenance of a value or result, which the browser loads step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import make_component
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.display.statuses import STYLE_DATA

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_ui_streamlit.view import View

_HTML = '<div class="provenance"><details><summary></summary><div class="inside"></div></details></div>'
_provenance = make_component(__file__, html=_HTML, parts=("graph",))


def provenance(
    view: View,
    chip_id: str,
    source: str,
    *,
    key: str,
    label: str,
    control: str | None,
    version: str,
    opened: bool,
    scrolls: bool,
    on_opened: Callable[[], None],
) -> None:
    """Show the graph of a value or result, folded under `label`.

    Parameters
    ----------
    source : str
        URL of the graph, to which further query parameters can be appended.
    key : str
        Unique key on the page; when `on_opened` is called, `st.session_state[key]["opened"]` is the new state.
    control : str or None
        Control qubit of a coupling, or None.
    version : str
        Text that changes if the graph must be loaded again.
    opened : bool
        Whether the graph is open at first.
    scrolls : bool
        Whether the page scrolls to an open graph at first.
    on_opened : callable
        Called when the user opens or closes the graph.
    """
    data = {
        "chip_id": chip_id,
        "kinds": ALL_BUT_TASKS,
        "source": source,
        "definitions": view.host_path("metrics/definitions", chip_id=chip_id),
        "results": view.host_path("task-results/"),
        "links": {
            "result": view.link("result", result=""),
            "changes": view.link("chip", chip=chip_id, view="changes"),
            "releases": view.link("chip", chip=chip_id, view="releases"),
        },
        "label": label,
        "control": control,
        "version": version,
        "opened": opened,
        "scrolls": scrolls,
        "zone": view.zone.key,
        "looks": STYLE_DATA,
    }
    _provenance(key=key, data=data, default={"opened": opened}, on_opened_change=on_opened)
