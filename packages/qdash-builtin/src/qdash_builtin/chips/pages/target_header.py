"""Header of a target: title with the status, the reason for it, position and neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.pages.status_reason import format_fitness, format_status_reason
from qdash_builtin.chips.pages.targets import (
    describe_direction,
    find_neighbours_in_order,
    get_input_kind,
    list_neighbours,
)
from qdash_builtin.chips.views.targets import CouplingDocument
from qdash_ui_streamlit.display.lines import draw_lines, format_link
from qdash_ui_streamlit.display.object_links import format_object
from qdash_ui_streamlit.display.statuses import format_status_html, get_status_style
from qdash_ui_streamlit.display.target_lists import make_target_url

if TYPE_CHECKING:
    from qdash_builtin.chips.pages.target_data import TargetData
    from qdash_ui_streamlit.view import View


def draw_title(data: TargetData) -> None:
    """Draw the title of the page with the status in one line."""
    with st.container(horizontal=True, width="content", vertical_alignment="center"):
        st.title(f"{data.kind.word.capitalize()} {data.target.id}", anchor=False, width="content")
        st.html(f"<b>{format_status_html(data.target.status)}</b>", width="content")


def draw_header(view: View, data: TargetData) -> None:
    """Draw the reasons for the status and the fitness, then position, a link to the map and neighbouring targets in one line."""
    chip, target_id = data.chip, data.target.id
    first = [
        f"chip {format_object(view, 'chip', chip.chip_id)}",
        *_describe_position(data),
        format_link(view.link("chip", chip=chip.chip_id, target=target_id), "show on the map"),
    ]
    before, after = find_neighbours_in_order(chip, target_id)
    second = [f"previous {_make_link(view, data, before)}"] if before else []
    second += [f"next {_make_link(view, data, after)}"] if after else []
    around = list_neighbours(chip, target_id)
    word = "couplings" if data.kind.word == "qubit" else "qubits"
    second += [f"{word} {', '.join(_make_link(view, data, one) for one in around)}"] if around else []
    reason = format_status_reason(view, data.target)
    fitness = format_fitness(data.target)
    draw_lines([[one for one in (reason, fitness) if one], first + second])


def _describe_position(data: TargetData) -> list[str]:
    target = data.target
    if isinstance(target, CouplingDocument):
        return describe_direction(target)
    parts = [] if target.mux is None else [f"multiplexer {target.mux}"]
    if target.row is not None and target.col is not None:
        parts.append(f"row {target.row}, column {target.col}")
    return parts


def _make_link(view: View, data: TargetData, target_id: str) -> str:
    kind = get_input_kind(target_id)
    status = kind.targets_of(data.chip)[target_id].status
    found = get_status_style(status)
    address = make_target_url(view, data.chip.chip_id, target_id)
    mark = f'<span style="color:{found.colour}" aria-hidden="true">{found.shape}</span>'
    link = format_link(address, target_id, title=f"{kind.word} {target_id}: {status}")
    return f'<span style="white-space: nowrap">{link}&nbsp;{mark}</span>'
