"""Live log of a run, for which the browser requests new parts from the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

_HTML = """<section class="log">
<div class="bar">
<label>Search <input type="search" name="q" placeholder="words"></label>
<span class="count" role="status"></span>
<button type="button" class="follow" aria-pressed="true">Following the end</button>
<button type="button" class="save">Download</button>
</div>
<p class="empty">Loading the log …</p>
<div class="lines" role="log" aria-live="off" aria-label="Log" tabindex="0" hidden></div>
</section>"""
_log = make_component(__file__, html=_HTML)


def log(view: View, execution_id: str, *, ended: bool) -> None:
    """Show the log of an execution, and follow it unless it has ended."""
    data = {
        "execution_id": execution_id,
        "path": view.host_path(f"executions/{execution_id}/log"),
        "zone": view.zone.key,
        "ended": ended,
    }
    _log(key=f"log.{execution_id}", data=data)
