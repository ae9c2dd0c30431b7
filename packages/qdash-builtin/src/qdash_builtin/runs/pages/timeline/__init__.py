"""Timeline of the measurements of a run in laboratory time, loaded and drawn by the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

_HTML = """<section class="timeline">
<div class="bar">
<div class="rows" role="group" aria-label="Rows">
<button type="button" data-rows="qubits" aria-pressed="true">Qubits</button>
<button type="button" data-rows="resources" aria-pressed="false">Resources</button>
</div>
<div role="group" aria-label="Zoom">
<button type="button" data-zoom="0.5" aria-label="Zoom in">+</button>
<button type="button" data-zoom="2" aria-label="Zoom out">−</button>
<button type="button" data-zoom="all">Whole run</button>
</div>
<span class="count" role="status"></span>
</div>
<div class="legend" role="group" aria-label="Tasks"></div>
<p class="empty">Loading the timeline …</p>
<div class="plot" hidden tabindex="0" role="group" aria-label="Timeline; arrow keys move, + and − zoom">
<div class="corner">s</div><div class="axis"><div class="blocks" hidden></div><div class="ticks"></div></div>
<div class="labels"></div><svg preserveAspectRatio="none" role="img"></svg>
</div>
<div class="tip" hidden></div>
</section>"""
_timeline = make_component(__file__, html=_HTML)


def timeline(view: View, execution_id: str) -> None:
    """Show the timeline of an execution, by qubit or by exclusive resource as `rows` of the URL selects."""
    data = {
        "execution_id": execution_id,
        "path": view.host_path(f"executions/{execution_id}/timeline"),
        "rows": "resources" if view.param("rows") == "resources" else "qubits",
    }
    _timeline(key=f"timeline.{execution_id}", data=data)
