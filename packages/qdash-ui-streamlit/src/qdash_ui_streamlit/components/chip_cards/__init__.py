"""Chips as cards: how much of each is calibrated, what of it is out of specification, its last run; read in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from qdash_ui_streamlit.components.assets import component
from qdash_ui_streamlit.showing.statuses import AS_SENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.documents.chips import ChipHeader
    from qdash_ui_streamlit.view import View

_cards = component("chip_cards", html='<div class="cards" role="list"></div>')


def chip_cards(view: View, chips: Iterable[ChipHeader]) -> None:
    """Show a card for each chip; three questions a chip go from the browser to the host, and none from here."""
    _cards(
        key="qdash.chip_cards",
        data={
            "looks": AS_SENT,
            "zone": view.zone.key,
            "chips": [
                {
                    "chip_id": chip.chip_id,
                    "size": chip.size,
                    "topology": chip.topology_id,
                    "backend": chip.backend,
                    "cooldown": chip.current_cooldown_id,
                    "href": view.link("chip", chip=chip.chip_id),
                    "metric_href": view.link("chip", chip=chip.chip_id, metric=""),
                    "whole": view.host_path(f"chips/{quote(chip.chip_id, safe='')}"),
                    "summary": view.host_path(f"metrics/chips/{quote(chip.chip_id, safe='')}/summary"),
                    "last": view.host_path("executions", chip_id=chip.chip_id, limit=1),
                    "execution_href": view.link("execution", execution=""),
                }
                for chip in chips
            ],
        },
    )
