"""Edit page of a chip: its note, layout, wiring and design values, and its deletion."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import streamlit as st

from qdash_builtin.chips.deletion import describe_counts
from qdash_builtin.chips.operations.chips import (
    delete_chip,
    deletion_impact,
    edit_chip,
    set_design,
    set_wiring,
    show_chip,
)
from qdash_builtin.chips.operations.topology import list_topologies
from qdash_builtin.chips.pages.chip_files import read_design_file, read_wiring_file
from qdash_builtin.chips.requests.chips import ChipEdit
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.pages.note_editor import draw_note
from qdash_builtin.notes.pages.note_subjects import make_note_subject
from qdash_core.errors import InvalidInputError
from qdash_core.models.quantities import format_count
from qdash_ui_streamlit.display.download_link import draw_download_link
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.fragments import dialog, fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_no_chip, show_problem
from qdash_ui_streamlit.display.object_links import format_object
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons, perform_action
from qdash_ui_streamlit.forms.option_lists import load_chips
from qdash_ui_streamlit.forms.query_params import draw_choice
from qdash_ui_streamlit.page import DEFAULT_PATH

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.chips.views.chips import ChipDocument, CouplingState, QubitState
    from qdash_ui_streamlit.view import View

_LARGEST_MB = 1


def render(view: View) -> None:
    """Draw the page."""
    chip_id, chips = load_chips(view)
    if chip_id is None:
        st.title("Edit chip", anchor=False)
        show_no_chip(view)
        return
    st.title(f"Edit chip {escape_markdown(chip_id)}", anchor=False)
    draw_choice(view, "chip", "Chip", chips)
    chip, version = view.ask_versioned(show_chip, chip_id)
    _draw_facts(view, chip)
    st.header("Note", anchor=False)
    draw_note(view, make_note_subject(NoteScope.CHIP, chip_id, chip_id))
    if not view.edits:
        show_empty("Editors of the project edit and delete chips.")
        return
    draw_layout(view, chip, version)
    draw_wiring(view, chip, version)
    draw_design(view, chip, version)
    _draw_deletion(view, chip_id)


def _draw_facts(view: View, chip: ChipDocument) -> None:
    audit = view.link("audit", of="project", subject=f"/chips/{chip.chip_id}")
    draw_facts(
        {
            "Chip id": escape(chip.chip_id),
            "Backend": escape(chip.backend),
            "Layout": escape(chip.topology_id),
            "Qubits": str(chip.size),
            "Couplings": str(chip.n_couplings),
            "Created by": format_object(view, "user", chip.username),
            "Created": view.time(chip.installed_at),
            "Audit": f'<a href="{escape(audit)}">Requests about this chip</a>' if view.owns else None,
        }
    )
    st.caption("Id, backend, qubits and couplings cannot be changed: create another chip instead.")


@fragment
def draw_layout(view: View, chip: ChipDocument, version: str) -> None:
    """Draw the choice of a built-in topology for the positions and multiplexers of the chip.

    This and the other forms refuse to overwrite a change of another user since this version of the chip.
    """
    st.header("Layout", anchor=False)
    names = list(dict.fromkeys((chip.topology_id, *(one.name for one in view.every(list_topologies)))))
    with (
        st.form("edit-chip.layout", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.selectbox(
            "Built-in topology",
            names,
            key=f"edit-chip.topology.{chip.topology_id}",
            accept_new_options=True,
            help="The chip takes its positions and multiplexers; it must have the same qubits and couplings",
            width=320,
        )
        if st.form_submit_button("Change layout"):
            body = ChipEdit(topology_id=name)
            _change(
                lambda: view.ask(edit_chip.at_version(version), chip.chip_id, body=body), "Layout changed"
            )


@fragment
def draw_wiring(view: View, chip: ChipDocument, version: str) -> None:
    """Draw the upload of a wiring file."""
    st.header("Wiring", anchor=False)
    wired = chip.wiring
    st.markdown(
        "No wiring on record."
        if wired is None
        else f"Wired: {format_count(len(wired.lines), 'multiplexer')}."
    )
    given = _draw_uploader("Wiring file (YAML)", "edit-chip.wiring")
    if given is None:
        return
    try:
        body = read_wiring_file(given, chip.chip_id)
    except InvalidInputError as error:
        show_problem(error)
        return
    st.caption(
        f"The file wires {format_count(len(body.lines), 'multiplexer')}, and replaces the present wiring."
    )
    if st.button("Replace wiring"):
        _change(lambda: view.ask(set_wiring.at_version(version), chip.chip_id, body=body), "Wiring replaced")


@fragment
def draw_design(view: View, chip: ChipDocument, version: str) -> None:
    """Draw the upload of a design file."""
    st.header("Design values", anchor=False)
    states: list[QubitState | CouplingState] = [*chip.qubits.values(), *chip.couplings.values()]
    count = sum(len(one.design or {}) for one in states)
    st.markdown(f"Stored with the chip: {format_count(count, 'design value')}.")
    if count:
        draw_download_link(
            view,
            f"chips/{quote(chip.chip_id, safe='')}/export",
            "Design file (JSON)",
            name=f"{chip.chip_id}-design.json",
            format="design",
        )
    given = _draw_uploader("Design file (YAML or JSON)", "edit-chip.design")
    if given is None:
        return
    try:
        body = read_design_file(given)
    except InvalidInputError as error:
        show_problem(error)
        return
    targets: dict[str, Any] = {**(body.qubits or {}), **(body.couplings or {})}
    st.caption(
        f"The file has values of {format_count(len(targets), 'target')}. Other stored design values stay."
    )
    if st.button("Set design values"):
        _change(
            lambda: view.ask(set_design.at_version(version), chip.chip_id, body=body), "Design values set"
        )


def _draw_uploader(label: str, key: str) -> bytes | None:
    given = st.file_uploader(label, type=["yaml", "yml", "json"], key=key, max_upload_size=_LARGEST_MB)
    return None if given is None else given.getvalue()


def _change(act: Callable[[], Any], success: str) -> None:
    if perform_action(act, success):
        rerun()


# ---------------------------------------------------------------------------------------------------------- deletion


def _draw_deletion(view: View, chip_id: str) -> None:
    st.header("Deletion", anchor=False)
    st.markdown(
        "The values of a deleted chip cannot be restored. Its executions and task results stay on record."
    )
    if st.button("Delete chip …", icon=":material/delete:", key="edit-chip.delete"):
        dialog(f"Delete chip {chip_id}?")(draw_deletion_form)(view, chip_id)


def draw_deletion_form(view: View, chip_id: str) -> None:
    """Draw what the deletion removes and keeps, with a switch if something is lost."""
    impact = view.ask(deletion_impact, chip_id)
    st.markdown(f"**Deleted:** {describe_counts(impact.removed)}.")
    st.markdown(f"**Kept on record:** {describe_counts(impact.kept)}.")
    if impact.cooldown_ids:
        names = ", ".join(escape_markdown(one) for one in impact.cooldown_ids)
        st.markdown(f"The chip is removed from cool-downs: {names}.")
    lost = impact.loses_something
    agreed = not lost or st.checkbox("Delete its values and history as well", key="edit-chip.force")
    draw_dialog_buttons(
        "Delete chip",
        lambda: view.ask(delete_chip, chip_id, force=lost),
        "Chip deleted",
        key="edit-chip.delete.go",
        problem="" if agreed else "Confirm that its values and history are deleted as well.",
        then=lambda: _leave(view),
    )


def _leave(view: View) -> None:
    """Go to a page without a chip: this one would show the next chip, with its button of deletion in the same place."""
    view.forget_chip()
    view.go(DEFAULT_PATH)
