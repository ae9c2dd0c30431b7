"""One cryostat: facts, note, and forms to edit and delete it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.cooldowns.operations.cryostats import (
    CryostatEdit,
    delete_cryostat,
    edit_cryostat,
    show_cryostat,
)
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.pages.note_editor import draw_note
from qdash_builtin.notes.pages.note_subjects import make_note_subject
from qdash_core.errors import NotFoundError
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.forms.confirm_action import confirm_action
from qdash_ui_streamlit.forms.request_form import RequestForm

if TYPE_CHECKING:
    from qdash_builtin.cooldowns.views import CryostatDocument
    from qdash_ui_streamlit.view import View


@fragment
def draw_cryostat(view: View, cryo_id: str) -> None:
    """Draw a cryostat."""
    st.header(escape_markdown(f"Cryostat {cryo_id}"), divider="gray", anchor="cryostat")
    try:
        cryostat, version = view.ask_versioned(show_cryostat, cryo_id)
    except NotFoundError as error:
        show_problem(error)
        return
    draw_facts(_list_facts(view, cryostat))
    draw_note(view, make_note_subject(NoteScope.CRYOSTAT, cryo_id, ""))
    if view.edits:
        with st.expander("Edit this cryostat", icon=":material/edit:"):
            _draw_form(view, cryostat, version)
        if st.button("Delete …", icon=":material/delete:", key="cryostat.delete"):
            ask_to_delete(view, cryo_id)


def ask_to_delete(view: View, cryo_id: str) -> None:
    """Ask for confirmation, and delete a cryostat without cool-downs."""

    def act() -> None:
        view.ask(delete_cryostat, cryo_id, force=True)
        view.set_params(cryostat=None)

    confirm_action(
        escape_markdown(f"Delete cryostat {cryo_id}?"),
        "It and its note cannot be restored. A cryostat with cool-downs is not deleted: set its status to decommissioned.",
        label="Delete",
        act=act,
        success="Cryostat deleted.",
    )


def _list_facts(view: View, one: CryostatDocument) -> dict[str, str | None]:
    texts = {
        "Name": one.name,
        "Manufacturer": one.manufacturer,
        "Model": one.model,
        "Location": one.location,
    }
    times = {"Commissioned": one.commissioned_at, "Decommissioned": one.decommissioned_at}
    return {
        "Status": format_status_html(one.status),
        **{name: escape(text) if text else None for name, text in texts.items()},
        **{name: view.time(moment) if moment else None for name, moment in times.items()},
    }


def _draw_form(view: View, cryostat: CryostatDocument, version: str) -> None:
    RequestForm(
        view=view,
        model=CryostatEdit,
        send=lambda body: view.ask(edit_cryostat.at_version(version), cryostat.cryo_id, body=body),
        place=f"cryostat.{cryostat.cryo_id}",
        label="Save",
        present=dict(cryostat),
        version=version,
    ).draw()
