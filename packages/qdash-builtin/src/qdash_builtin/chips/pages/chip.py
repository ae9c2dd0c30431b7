"""Chip page with nine views: map and target panel, table of targets and metrics, figures, yield, notes, changes of values, releases, value scopes,
design values and wiring.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

import streamlit as st

from qdash_builtin.chips.operations.chips import list_chips
from qdash_builtin.chips.pages import chip_design, chip_figures, chip_notes
from qdash_builtin.chips.pages.chip_layout import ChipLayout, load_layout
from qdash_builtin.chips.pages.chip_map import chip_map
from qdash_builtin.chips.pages.chip_panel import draw_chip_panel
from qdash_builtin.chips.pages.chip_table import draw_chip_table
from qdash_builtin.exchange.pages import chip_releases
from qdash_builtin.metrics.pages import chip_yield
from qdash_builtin.metrics.pages.value_selection import draw_range_selector, read_selection
from qdash_builtin.values.pages import chip_changes, chip_scopes
from qdash_ui_streamlit.display.download_link import draw_context_links, draw_report_link
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_no_chip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.chips.views.chips import ChipHeader
    from qdash_ui_streamlit.view import View

VIEWS = {
    "map": "Map",
    "values": "Table",
    "figures": "Figures",
    "yield": "Yield",
    "notes": "Notes",
    "changes": "Changes",
    "releases": "Releases",
    "scopes": "Scopes",
    "design": "Design",
}
"""Titles of the views by their name in the URL."""
_RUN = "qdash.chip.run"
# The panel is beside the map if both fit, and below it otherwise.
_STYLE = """<style>
.st-key-chip-head { gap: 0.5rem; }
.st-key-chip-panel-scroll { height: 0; margin-bottom: -1rem; }
.st-key-chip-head h1 { padding-right: 0.5rem; }
.st-key-chip-head [data-testid=stButtonGroup] button { padding-left: 0.5rem; padding-right: 0.5rem; }
@media (max-width: 1150px) {
  .st-key-chip-sides > * > [data-testid=stHorizontalBlock] { flex-direction: column; }
  .st-key-chip-sides > * > [data-testid=stHorizontalBlock] > [data-testid=stColumn] { width: 100%; flex: 1 1 auto; }
}
@media (max-width: 640px) {
  .st-key-chip-head [data-testid=stWidgetLabel] { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .st-key-chip-head h1 { max-width: 60vw; }
}
</style>"""


def render(view: View) -> None:
    """Draw the page."""
    chips = list(view.every(list_chips))
    chip_id = view.chip_id()
    if chip_id is None or not chips:
        st.title("Chip")
        show_no_chip(view)
        return
    st.html(_STYLE)
    with st.container(horizontal=True, vertical_alignment="bottom", key="chip-head"):
        st.title(f"Chip {escape_markdown(chip_id)}", anchor=False, width="content")
        shown = _draw_selectors(view, chip_id, chips)
        query = _draw_range(view, chip_id) if shown == "map" else {}
        _draw_administration(view, chip_id)
    if shown == "values":
        draw_chip_table(view, chip_id)
    elif shown == "figures":
        chip_figures.render(view, chip_id)
    elif shown == "yield":
        chip_yield.render(view, chip_id)
    elif shown == "notes":
        chip_notes.render(view, chip_id)
    elif shown == "changes":
        chip_changes.render(view, chip_id)
    elif shown == "releases":
        chip_releases.render(view, chip_id)
    elif shown == "scopes":
        chip_scopes.render(view, chip_id)
    elif shown == "design":
        chip_design.render(view, chip_id)
    else:
        header = next((one for one in chips if one.chip_id == chip_id), None)
        st.session_state[_RUN] = st.session_state.get(_RUN, 0) + 1
        _draw_map_and_panel(view, chip_id, load_layout(view, chip_id, header), query, st.session_state[_RUN])


def _draw_selectors(view: View, chip_id: str, chips: Sequence[ChipHeader]) -> str:
    """Draw the choice of chip and view as in the URL, and return the view."""
    shown = view.param("view") if view.param("view") in VIEWS else "map"
    known = [one.chip_id for one in chips]
    st.session_state["chip.chip"] = chip_id
    st.session_state["chip.view"] = shown
    st.selectbox(
        "Chip",
        known if chip_id in known else [*known, chip_id],
        key="chip.chip",
        on_change=partial(_select_chip, view),
        width=150,
    )
    st.segmented_control(
        "View",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        key="chip.view",
        on_change=partial(_select_view, view),
        width="content",
    )
    return str(shown)


def _draw_range(view: View, chip_id: str) -> dict[str, str]:
    """Draw the choice of the values to show, and return it as a URL query."""
    with (
        st.popover(f"Values: {read_selection(view).describe(view)}", width="content"),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        return draw_range_selector(view, chip_id).query()


def _draw_administration(view: View, chip_id: str) -> None:
    """Draw the links to the pages that export, import, edit and create chips, and those that download its data."""
    pages = (
        {"Export": "chip-export", "Edit or delete": "edit-chip"} if view.edits else {"Export": "chip-export"}
    )
    links = [f"[{title}]({view.link(page, chip=chip_id)})" for title, page in pages.items()]
    if view.edits:
        links += [
            f"[Import values]({view.link('chip-import', chip=chip_id)})",
            f"[New chip]({view.link('new-chip')})",
        ]
    with st.popover("Manage", width="content"):
        st.markdown("  \n".join(links))
        path = f"chips/{quote(chip_id, safe='')}"
        draw_report_link(view, path, name=chip_id)
        draw_context_links(view, path, name=chip_id)


def _select_chip(view: View) -> None:
    view.set_params(chip=st.session_state["chip.chip"], target=None, targets=None, cooldown=None)


def _select_view(view: View) -> None:
    text = st.session_state["chip.view"]
    view.set_params(view=None if text in (None, "map") else text)


@fragment
def _draw_map_and_panel(
    view: View, chip_id: str, layout: ChipLayout, query: dict[str, str], run: int
) -> None:
    with st.container(key="chip-sides"):
        left, right = st.columns([5, 3], gap="medium")
        with left:
            chosen_targets = chip_map(view, chip_id, layout, query=query, run=run)
        with right:
            draw_chip_panel(view, chip_id, chosen_targets)
