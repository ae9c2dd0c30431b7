"""Progress of a run, updated by the browser from events, without a rerun of the script."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from qdash_ui_streamlit.components.assets import make_component
from qdash_ui_streamlit.display.statuses import STYLE_DATA

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

_HTML = """<section class="run">
<div class="head"><a></a> <span class="state" role="status"></span><button type="button" hidden>Cancel</button></div>
<div class="bar" role="progressbar" aria-valuemin="0"></div>
<div class="far"></div>
<div class="now"></div>
</section>"""
_progress = make_component(__file__, html=_HTML, parts=("sentences",))


def progress(view: View, execution_id: str, *, cancel: bool = False) -> bool:
    """Show the live progress of a run, and its outcome when it has ended; at most once for each run on a page.

    Return whether the button that cancels the run (if `cancel`) was pressed now.
    """
    found = _progress(
        key=f"qdash.progress.{execution_id}",
        data={
            "execution_id": execution_id,
            "source": view.host_path(f"executions/{quote(execution_id, safe='')}/progress"),
            "href": view.link("execution", execution=execution_id),
            "cancel": cancel,
            "looks": STYLE_DATA,
        },
        on_cancel_change=lambda: None,
    )
    return bool(found.cancel)
