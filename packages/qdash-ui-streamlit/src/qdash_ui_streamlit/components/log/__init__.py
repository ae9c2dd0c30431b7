"""What a run says, followed as it says it: the browser asks the host for what it has not heard yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import component

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

_HTML = """<section class="log">
<div class="bar">
<label>Search <input type="search" name="q" placeholder="words of a line"></label>
<span class="count" role="status"></span>
<button type="button" class="follow" aria-pressed="true">Follow the end</button>
<button type="button" class="save">Download</button>
</div>
<p class="empty">Reading what was said …</p>
<div class="lines" role="log" aria-live="off" aria-label="Log" tabindex="0" hidden></div>
</section>"""
_log = component("log", html=_HTML)


def log(view: View, execution_id: str, *, ended: bool) -> None:
    """Show what an execution has said, and what it says.

    Parameters
    ----------
    view : View
        Who looks.
    execution_id : str
        Of what.
    ended : bool
        Whether it says nothing more, as far as is known.
    """
    data = {
        "execution_id": execution_id,
        "path": view.host_path(f"executions/{execution_id}/log"),
        "zone": view.zone.key,
        "ended": ended,
    }
    _log(key=f"log.{execution_id}", data=data)
