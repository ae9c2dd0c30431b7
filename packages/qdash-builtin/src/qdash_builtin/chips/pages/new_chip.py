"""New chip page: its source, a preview of its map, and its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.pages.chip_sources import SOURCES, draw_source, load_devices
from qdash_builtin.chips.pages.layout_picture import draw_layout_picture
from qdash_core.errors import InvalidInputError, QDashError
from qdash_core.models.ids import ID_RULE, check_id
from qdash_ui_streamlit.display.columns import make_wide_and_narrow
from qdash_ui_streamlit.display.markdown import begin_sentence, escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_problem
from qdash_ui_streamlit.display.reruns import say
from qdash_ui_streamlit.forms.form_fields import capitalise
from qdash_ui_streamlit.forms.query_params import draw_choice

if TYPE_CHECKING:
    from qdash_builtin.chips.pages.chip_sources import ChipSource
    from qdash_ui_streamlit.view import View

_RULES = f"{capitalise(ID_RULE)}; unique in the project. It cannot be changed later."


def render(view: View) -> None:
    """Draw the page."""
    st.title("New chip", anchor=False)
    if not view.edits:
        show_empty(
            "Editors of the project create chips.", f"[Read the chips of the project]({view.link('chip')})."
        )
        return
    left, right = make_wide_and_narrow("new_chip")
    with left:
        devices = load_devices(view)
        names = [name for name in SOURCES if name != "twin" or devices]
        name = draw_choice(
            view, "source", "Create it from", names, format_option=SOURCES.__getitem__, width=320
        )
        source = draw_source(view, name, devices)
        _draw_id(view, source)
    with right:
        st.header("Map", anchor=False)
        if source is None:
            st.caption("The map of the chip appears here before you create it.")
        else:
            draw_layout_picture(source.topology)


def _draw_id(view: View, source: ChipSource | None) -> None:
    """Draw the id of the chip, and the button that creates it."""
    proposed = "" if source is None else source.proposed_id
    optional = source is not None and source.names_itself
    # One field for all sources: what is typed while the source changes stays.
    typed = st.text_input(
        "Chip id",
        key="new-chip.id",
        placeholder="the id in the file" if optional else proposed,
        max_chars=64,
        width=320,
    )
    chip_id = typed.strip() or proposed
    problem = _find_problem(chip_id)
    if problem:
        st.error(escape_markdown(begin_sentence(problem)), icon=":material/error:")
    else:
        st.caption(_RULES)
    possible = source is not None and not problem and bool(chip_id or optional)
    if not st.button("Create chip", type="primary", disabled=not possible) or source is None:
        return
    try:
        with st.spinner("Creating the chip", show_time=True):
            created = source.create(chip_id)
    except QDashError as error:
        show_problem(error)
        return
    say("Chip created.")
    view.go("chip", chip=chip_id or created.chip_id)


def _find_problem(chip_id: str) -> str:
    """Return the rule that an id violates, or an empty text."""
    try:
        if chip_id:
            check_id(chip_id, "chip")
    except InvalidInputError as error:
        return str(error)
    return ""
