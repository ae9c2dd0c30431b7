"""Cards of chips with failed targets, counts of targets and values that need attention, and the last run, loaded by the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from qdash_builtin.metrics.pages.marks import WORDS
from qdash_core.models.marks import Mark
from qdash_ui_streamlit.components.assets import make_component
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.display.statuses import STYLE_DATA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.chips.views.chips import ChipHeader
    from qdash_ui_streamlit.view import View

_NEWEST = 10
"""Number of newest runs of a chip among which the last one that has begun is shown: newer ones may wait."""
_MARKS = (
    Mark.NO_SIGNAL,
    Mark.LAST_FAILED,
    Mark.SET_BROKEN,
    Mark.CONTRADICTED,
    Mark.DISPUTED,
    Mark.OTHER_COOLDOWN,
    Mark.TOO_OLD,
    Mark.INPUTS_MOVED,
    Mark.SETTING_CHANGED,
    Mark.TRUSTED_BY_USER,
)
"""Order of the counts of marked values, the most urgent first."""
_cards = make_component(__file__, html='<div class="cards" role="list"></div>')


def chip_cards(view: View, chips: Iterable[ChipHeader]) -> None:
    """Show a card for each chip; the browser sends two requests for each chip to the host, Python none."""
    _cards(
        key="qdash.chip_cards",
        data={
            "kinds": ALL,
            "looks": STYLE_DATA,
            "mark_words": {str(mark): WORDS[mark] for mark in _MARKS},
            "zone": view.zone.key,
            "chips": [
                {
                    "chip_id": chip.chip_id,
                    "size": chip.size,
                    "topology": chip.topology_id,
                    "backend": chip.backend,
                    "cooldown": chip.current_cooldown_id,
                    "href": view.link("chip", chip=chip.chip_id),
                    "compare_href": view.link("compare", chip=chip.chip_id),
                    "fits_href": view.link("chip", chip=chip.chip_id, view="figures"),
                    "review_href": view.link("review", chip=chip.chip_id),
                    "values_href": view.link("chip", chip=chip.chip_id, view="values"),
                    "qubit_href": view.link("qubit", chip=chip.chip_id),
                    "coupling_href": view.link("coupling", chip=chip.chip_id),
                    "attention": view.host_path(f"metrics/chips/{quote(chip.chip_id, safe='')}/attention"),
                    "last": view.host_path("executions", chip_id=chip.chip_id, limit=_NEWEST),
                    "execution_href": view.link("execution", execution=""),
                    "result_href": view.link("result", result=""),
                }
                for chip in chips
            ],
        },
    )
