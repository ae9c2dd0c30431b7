"""Page of a qubit or coupling."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import streamlit as st

from qdash_builtin.chips.operations.chips import show_chip
from qdash_builtin.chips.pages.chip_actions import draw_calibration, draw_chip_actions
from qdash_builtin.chips.pages.chip_table import draw_chip_table
from qdash_builtin.chips.pages.excluded_targets import list_excluded_targets
from qdash_builtin.chips.pages.target_columns import make_target_columns
from qdash_builtin.chips.pages.target_data import load_target
from qdash_builtin.chips.pages.target_figures import draw_figures
from qdash_builtin.chips.pages.target_header import draw_header, draw_title
from qdash_builtin.chips.pages.target_history import draw_history
from qdash_builtin.chips.pages.target_value_form import draw_value_editor
from qdash_builtin.chips.pages.target_values import draw_values
from qdash_core.features.sections import SectionSubject
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.display.download_link import draw_context_links
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_no_chip
from qdash_ui_streamlit.sections import draw_sections

if TYPE_CHECKING:
    from qdash_builtin.chips.pages.targets import TargetKind
    from qdash_builtin.chips.views.chips import ChipDocument
    from qdash_ui_streamlit.view import View

# One line with room for it, also while its buttons are loaded.
_STYLE = """<style>@media (min-width: 1024px) {
  .st-key-target-head, .st-key-target-head [data-testid=stHorizontalBlock] { flex-wrap: nowrap; }
}</style>"""


@fragment
def draw_target(view: View, kind: TargetKind) -> None:
    """Draw the page of the qubit or coupling in the URL, and redraw it when something on its chip changes."""
    chip_id = view.chip_id()
    if chip_id is None:
        st.title(kind.word.capitalize())
        show_no_chip(view)
        return
    target_id = view.param(kind.word)
    rerun_on_events("target", ALL, chip_id=chip_id, target=target_id)
    chip = view.ask(show_chip, chip_id)
    if target_id is None or target_id not in kind.targets_of(chip):
        _draw_list(view, kind, chip, target_id)
        return
    data = load_target(view, kind, chip, target_id)
    st.html(_STYLE)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="target-head"
    ):
        draw_title(data)
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            draw_chip_actions(view, chip_id, [target_id], excluded=list_excluded_targets(chip))
            with st.popover("Download", width="content"):
                path, name = f"chips/{quote(chip_id, safe='')}", f"{chip_id}-{target_id}"
                draw_context_links(view, path, name=name, target=target_id)
    draw_calibration(view)
    draw_header(view, data)
    subject = SectionSubject(chip_id, target_id, document=data.target)
    draw_sections(view, kind.word, subject, at_head=True)
    values, history, results, side = make_target_columns()
    with values:
        draw_values(view, data)
    with history:
        draw_history(view, data)
    with results:
        draw_figures(view, data)
    with values:
        # After the fragments above: Streamlit would close a dialog before them when an event redraws the page.
        draw_value_editor(view, data)
    with side:
        draw_sections(view, "target_side", subject)
    draw_sections(view, kind.word, subject, at_head=False)


def _draw_list(view: View, kind: TargetKind, chip: ChipDocument, named: str | None) -> None:
    """Draw the table of the targets of a chip if the URL names none of them."""
    st.title(f"{kind.word.capitalize()}s of {chip.chip_id}")
    if named:
        st.warning(
            f"Chip {chip.chip_id} has no {kind.word} {escape_markdown(named)}. Select one of these.",
            icon=":material/search_off:",
        )
    draw_chip_table(view, chip.chip_id, kind)
