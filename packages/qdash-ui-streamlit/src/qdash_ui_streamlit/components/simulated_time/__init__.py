"""Line that says that the home has a simulated clock, with its time, which other components read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.simulated_time import HEADER, LABEL
from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_ui_streamlit.view import View

_simulated_time = make_component(__file__, html='<p class="simulated"></p>')


def show_simulated_time(view: View, moment: datetime) -> None:
    """Show the simulated time of the home. After each advance, the page loads its data again."""
    data = {
        "at": moment.isoformat(),
        "zone": view.zone.key,
        "label": LABEL,
        "header": HEADER,
        "source": view.host_path("ready"),
    }
    _simulated_time(key="qdash.simulated-time", data=data)
