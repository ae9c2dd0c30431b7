"""Live events of the host: one stream for all tabs of a browser, passed on to the components of the page.

`qdash:event` on the document is an event (`EventDocument`); `qdash:live` is the state of the stream: `alive`,
`since`, `gap` (events are lost, so data has to be read again), `ended` (the user has lost access).
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import make_component
from qdash_ui_streamlit.routes.scripts import WORKER
from qdash_ui_streamlit.session import forget_session, get_last_event

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

_live = make_component(
    __file__, html='<div class="live" role="status"></div>', parts=("stream", "lost_server")
)


def show_connection(view: View) -> None:
    """Show the state of the event stream, and pass events to components. Without access, ask for a login."""
    data = {
        "project": view.project_id,
        "since": get_last_event(),
        "zone": view.zone.key,
        "worker": _make_worker_url(),
    }
    _live(key="qdash.live", data=data, on_ended_change=forget_session)


@cache
def _make_worker_url() -> str:
    """Return the URL of the worker script, with a digest of its content."""
    text = b"".join((Path(__file__).parent / name).read_bytes() for name in ("stream.js", "worker.js"))
    return f"{WORKER}?v={sha256(text).hexdigest()[:12]}"
