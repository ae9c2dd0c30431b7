"""Compare page: a chip at two points in time, or two chips."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.operations.chips import list_chips
from qdash_builtin.comparisons.operations import compare_points
from qdash_builtin.comparisons.pages.comparison_presets import get_yesterday_evening, load_presets
from qdash_builtin.comparisons.pages.comparison_view import draw_comparison
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.nights import YESTERDAY_EVENING
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_no_chip, show_problem
from qdash_ui_streamlit.display.views import draw_view_links
from qdash_ui_streamlit.forms.query_params import draw_choice, draw_text_field, draw_toggle

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


@fragment
def render(view: View) -> None:
    """Draw the page."""
    chips = list(view.every(list_chips))
    chip_id = view.chip_id()
    st.title("Compare", anchor=False)
    if chip_id is None or not chips:
        show_no_chip(view)
        return
    rerun_on_events("compare", ALL, chip_id=chip_id, at_most_every_s=10.0)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        known = dict.fromkeys((*(one.chip_id for one in chips), chip_id))
        draw_choice(view, "chip", "Chip", list(known))
        before = draw_text_field(view, "before", "Before", placeholder=YESTERDAY_EVENING)
        after = draw_text_field(view, "after", "After", placeholder="now")
        everything = draw_toggle(view, "all", "All differences")
    presets = {
        point: (escape(title), view.link("compare", chip=chip_id, before=point or None))
        for point, title in load_presets(view, chip_id, chips).items()
    }
    draw_view_links(before or "" if after is None else "-", presets, label="Points in time to compare with")
    try:
        found = view.ask(
            compare_points,
            chip_id,
            before=before or get_yesterday_evening(view.zone, now=view.now()),
            after=after or "now",
        )
    except (InvalidInputError, NotFoundError, ConflictError) as error:
        show_problem(error)
        return
    draw_comparison(view, found, everything=everything)
