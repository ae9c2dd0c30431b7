"""Cryostats page: the cool-downs of all cryostats on a timeline, and one cryostat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.cooldowns.operations.cooldowns import cooldowns_of_chip, list_cooldowns
from qdash_builtin.cooldowns.operations.cryostats import list_cryostats
from qdash_builtin.cooldowns.pages.cooldown_creation import show_new_cooldown
from qdash_builtin.cooldowns.pages.cooldown_timeline import (
    TimelineRow,
    draw_cooldown_timeline,
    measure_duration,
)
from qdash_builtin.cooldowns.pages.cryostat_creation import show_new_cryostat
from qdash_builtin.cooldowns.pages.cryostat_details import draw_cryostat
from qdash_builtin.cooldowns.requests import CooldownFilter
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.times import format_span
from qdash_ui_streamlit.display.views import draw_view_links
from qdash_ui_streamlit.forms.option_lists import load_options
from qdash_ui_streamlit.forms.query_params import draw_select

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from qdash_builtin.cooldowns.views import CooldownDocument, CryostatDocument
    from qdash_ui_streamlit.view import View

PLACE = "cryostats"
_PAGE = 200
_COOLDOWNS = (
    Column("cooldown_id", "Cool-down", link="href"),
    Column("cryo_id", "Cryostat", link="cryostat_href"),
    Column("state", "Status", "status"),
    Column("started_at", "Start", "time"),
    Column("ended_at", "End", "time"),
    Column("duration", "Duration"),
    Column("chips", "Chips", "links"),
    Column("description", "Description"),
)
_CRYOSTATS = (
    Column("cryo_id", "Cryostat", link="href"),
    Column("status", "Status", "status"),
    Column("name", "Name"),
    Column("manufacturer", "Manufacturer"),
    Column("model", "Model"),
    Column("location", "Location"),
    Column("inside", "Cool-down", link="cooldown_href", help="The cool-down in progress"),
    Column("chips", "Chips", "links", help="The chips in it now"),
)


def render(view: View) -> None:
    """Draw the page."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title("Cryostats", width="content")
        if view.edits:
            _draw_buttons(view)
    chip_id = _draw_choices(view)
    _draw_lists(view, chip_id)
    if (cryo_id := view.param("cryostat")) is not None:
        draw_cryostat(view, cryo_id)


def _draw_buttons(view: View) -> None:
    with st.container(horizontal=True, width="content"):
        if st.button("Start a cool-down …", icon=":material/ac_unit:", key="cryostats.cooldown"):
            show_new_cooldown(view)
        if st.button("Register a cryostat …", icon=":material/add:", key="cryostats.new"):
            show_new_cryostat(view)


def _draw_choices(view: View) -> str | None:
    """Draw the choice of the rows and of a chip, and return the chip or None."""
    kept = {name: view.param(name) for name in ("chip", "cryostat")}
    views = {
        "cryostat": ("By cryostat", view.link(PLACE, **kept)),
        "chip": ("By chip", view.link(PLACE, **kept, rows="chip")),
    }
    draw_view_links(_get_rows(view), views, label="Rows of the timeline")
    chips = load_options("chips", view.list_chip_ids)
    return draw_select(view, "chip", "Chip", chips, any_text="any")


def _get_rows(view: View) -> str:
    return "chip" if view.param("rows") == "chip" else "cryostat"


@fragment
def _draw_lists(view: View, chip_id: str | None) -> None:
    rerun_on_events("cryostats.rerun", ALL_BUT_TASKS)
    now = view.now()
    cryostats = list(view.every(list_cryostats.paged(limit=_PAGE)))
    if not cryostats:
        who = "Register the cryostat" if view.edits else "Editors register the cryostat"
        show_empty("No cryostat is registered.", f"{who}, then start a cool-down with its chips.")
        return
    cooldowns = list(
        view.every(list_cooldowns.paged(limit=_PAGE), CooldownFilter())
        if chip_id is None
        else view.every(cooldowns_of_chip.paged(limit=_PAGE), chip_id)
    )
    if cooldowns:
        draw_cooldown_timeline(view, make_timeline_rows(view, cryostats, cooldowns, chip_id), now=now)
        table(
            view,
            _COOLDOWNS,
            [_make_cooldown_row(view, one, now) for one in cooldowns],
            key="cryostats.cooldowns",
            label="Cool-downs",
            shown=20,
        )
    else:
        about = "There is no cool-down yet." if chip_id is None else f"Chip {chip_id} was in no cool-down."
        show_empty(about)
    st.header("All cryostats", anchor="all")
    rows = [_make_cryostat_row(view, one, cooldowns) for one in cryostats]
    table(view, _CRYOSTATS, rows, key="cryostats.all", label="Cryostats")


def make_timeline_rows(
    view: View,
    cryostats: Sequence[CryostatDocument],
    cooldowns: Sequence[CooldownDocument],
    chip_id: str | None,
) -> list[TimelineRow]:
    """Return the rows of the timeline, by cryostat or by chip as the URL selects; those without cool-downs are left out."""
    if _get_rows(view) == "cryostat":
        found = [
            (
                format_link(view.link(PLACE, cryostat=cryostat.cryo_id), cryostat.cryo_id),
                {one.cooldown_id: one for one in cooldowns if one.cryo_id == cryostat.cryo_id},
            )
            for cryostat in cryostats
        ]
    else:
        chips = dict.fromkeys(chip for one in cooldowns for chip in one.chip_ids)
        found = [
            (
                format_link(view.link("chip", chip=chip), chip),
                {f"{one.cryo_id}: {one.cooldown_id}": one for one in cooldowns if chip in one.chip_ids},
            )
            for chip in sorted(chips)
            if chip_id in (None, chip)
        ]
    return [TimelineRow(name, bars) for name, bars in found if bars]


def _make_cooldown_row(view: View, one: CooldownDocument, now: datetime) -> dict[str, Any]:
    return {
        "cooldown_id": one.cooldown_id,
        "href": view.link("cooldown", cooldown=one.cooldown_id),
        "cryo_id": one.cryo_id,
        "cryostat_href": view.link(PLACE, cryostat=one.cryo_id),
        "state": "in progress" if one.ended_at is None else "ended",
        "started_at": one.started_at,
        "ended_at": one.ended_at,
        "duration": format_span(measure_duration(one, now)),
        "chips": _link_chips(view, one.chip_ids),
        "description": one.description,
    }


def _link_chips(view: View, chip_ids: Sequence[str]) -> list[dict[str, str]]:
    return [{"text": one, "href": view.link("chip", chip=one)} for one in chip_ids]


def _make_cryostat_row(
    view: View, one: CryostatDocument, cooldowns: Sequence[CooldownDocument]
) -> dict[str, Any]:
    inside = next((each for each in cooldowns if each.cryo_id == one.cryo_id and each.ended_at is None), None)
    return {
        **one.model_dump(include={"cryo_id", "name", "manufacturer", "model", "location"}),
        "href": view.link(PLACE, cryostat=one.cryo_id),
        "status": str(one.status),
        "inside": inside and inside.cooldown_id,
        "cooldown_href": inside and view.link("cooldown", cooldown=inside.cooldown_id),
        "chips": inside and _link_chips(view, inside.chip_ids),
    }
