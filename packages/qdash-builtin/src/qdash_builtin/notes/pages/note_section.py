"""Notes on the pages of targets and results."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.operations.calibration_notes import show_calibration_note
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.operations.notes import note_result, show_note_of_result
from qdash_builtin.notes.pages.note_editor import NoteSubject, draw_note, start_editing
from qdash_builtin.notes.pages.note_files import name_files
from qdash_builtin.notes.pages.note_subjects import make_note_subject
from qdash_core.errors import NotFoundError
from qdash_core.models.targets import get_target_kind
from qdash_ui_streamlit.display.fragments import fragment

if TYPE_CHECKING:
    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_core.features.sections import SectionSubject
    from qdash_ui_streamlit.view import View

_OPENED = "notes.panel"


def draw_target_note(view: View, subject: SectionSubject) -> None:
    """Draw the note on a target."""
    st.header("Note", anchor=False)
    draw_note(view, _make_target_subject(subject))


@fragment
def draw_panel_note(view: View, subject: SectionSubject) -> None:
    """Draw the note on the opened target of the map: its text, which the panel has, until the user opens the editor."""
    if subject.target is None:
        return
    noted = _make_target_subject(subject)
    opened = f"{_OPENED}.{noted.key}"
    if st.session_state.get(opened):
        draw_note(view, noted)
        return
    note = subject.document.note
    content = "" if note is None else note.content
    if content:
        st.html(
            f'<blockquote style="margin:0;white-space:pre-wrap"><b>Note</b>: {escape(name_files(content))}</blockquote>'
        )

    def edit() -> None:
        start_editing(view, noted)
        st.session_state[opened] = True

    if view.edits:
        label = f"{'Edit' if content else 'Add'} note"
        st.button(
            label, icon=":material/edit:", type="tertiary", key=f"panel.note.{noted.key}", on_click=edit
        )


def _make_target_subject(subject: SectionSubject) -> NoteSubject:
    target = str(subject.target)
    return make_note_subject(NoteScope(get_target_kind(target)), target, str(subject.chip_id))


def draw_result_note(view: View, subject: SectionSubject) -> None:
    """Draw the note on a result, and the calibration note after its task on demand."""
    result: RecordedResult = subject.document
    st.header("Note")
    draw_note(view, _make_result_subject(result))
    if result.execution_id:
        _draw_calibration_note(view, result)


def _make_result_subject(result: RecordedResult) -> NoteSubject:
    return NoteSubject(
        key=f"result.{result.task_id}",
        label="this result",
        read=show_note_of_result,
        write=note_result,
        path=(result.task_id,),
        scope=NoteScope.TASK_RESULT,
        target_id=result.task_id,
        chip_id=result.chip_id,
    )


@fragment
def _draw_calibration_note(view: View, result: RecordedResult) -> None:
    """Draw the calibration note after the task if the user requests it, as it may be long."""
    if not st.toggle("Calibration note", help="Calibration data of the backend's library after this task"):
        return
    try:
        note = view.ask(show_calibration_note, result.chip_id, result.execution_id, task_id=result.task_id)
    except NotFoundError:
        st.caption("This task saved no calibration note.")
        return
    st.json(note.note, expanded=1)
