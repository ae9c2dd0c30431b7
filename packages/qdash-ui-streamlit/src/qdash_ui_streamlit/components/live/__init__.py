"""What happens on the host, as it happens: one stream for all tabs of a browser, told to the components of the page.

`qdash:event` at the document is an event (`EventDocument`); `qdash:live` is whether it is heard: `alive`, `since`, `gap`
(events are lost: what one shows is read anew), `ended` (who looks may hear no more).
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import component
from qdash_ui_streamlit.routes.scripts import WORKER
from qdash_ui_streamlit.session import forget

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

_live = component("live", html='<div class="live" role="status"></div>', parts=("stream",))


def live(view: View) -> None:
    """Show whether the page hears what happens, and tell it to components. Who may hear no more is asked to log in."""
    data = {"project": view.project_id, "zone": view.zone.key, "worker": _worker()}
    _live(key="qdash.live", data=data, on_ended_change=forget)


@cache
def _worker() -> str:
    """Return the address of the worker: another one when it is another script."""
    text = b"".join((Path(__file__).parent / name).read_bytes() for name in ("stream.js", "worker.js"))
    return f"{WORKER}?v={sha256(text).hexdigest()[:12]}"
