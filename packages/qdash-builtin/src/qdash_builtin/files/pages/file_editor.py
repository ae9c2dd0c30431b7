"""Editor of a text file: checks while typing, a reason, and a choice after a change by another user."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.files.pages.file_place import UncommittedError
from qdash_core.errors import ConflictError, InvalidInputError, QDashError
from qdash_ui_streamlit.components.editor import EditedText, EditorMode, TextAnnotation, editor
from qdash_ui_streamlit.display.differences import compare_texts, draw_differences
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.display.reruns import say

if TYPE_CHECKING:
    from qdash_builtin.files.pages.file_place import FilePlace
    from qdash_builtin.files.views.files import FilePreviewDocument, FileProblemDocument

_MODES: dict[str, EditorMode] = {
    "json": "json",
    "markdown": "markdown",
    "python": "python",
    "toml": "toml",
    "yaml": "yaml",
}


@dataclass(frozen=True, slots=True)
class FileDraft:
    """Unsaved text of a user, kept while their tab is open.

    `seen` is the SHA-256 of the contents from which it was made, empty for a new file.
    """

    text: str
    seen: str
    problem: FileProblemDocument | None = None
    error: QDashError | None = None


def can_be_edited(place: FilePlace, preview: FilePreviewDocument) -> bool:
    """Return whether the user may edit a file as text."""
    # The text of a table is whole, also if the table has more rows than are shown.
    is_whole = not preview.truncated or preview.kind == "table"
    return place.root.writable and preview.writable and preview.text is not None and is_whole


def get_mode(preview: FilePreviewDocument) -> EditorMode:
    """Return the syntax of a text file."""
    return _MODES.get(preview.language or "", "plain")


def draw_file_editor(place: FilePlace, preview: FilePreviewDocument | None) -> None:
    """Draw the editor; `preview` is None for a new file."""
    saved = "" if preview is None else preview.text or ""
    version = "" if preview is None else preview.sha256 or ""
    key = _make_key(place)
    draft: FileDraft | None = st.session_state.get(key)
    if draft is not None and draft.text == saved:  # typed before its save, and kept after
        del st.session_state[key]
        draft = None
    if (uncommitted := st.session_state.pop(f"{key}.uncommitted", None)) is not None:
        show_problem(uncommitted)
    is_stale = draft is not None and draft.seen != version
    if draft is not None and is_stale:
        _show_conflict(draft, saved)
    elif draft is not None and draft.error is not None:
        show_problem(draft.error)
    st.text_input(
        "Reason",
        key=f"{key}.reason",
        help="It becomes the message of the commit." if place.needs_reason() else "It stays in the history.",
    )
    opened = st.session_state.get(f"{key}.opened", 0)
    save_label = "Commit" if place.root.git else "Save"
    editor(
        saved,
        key=f"{key}.{opened}",
        label=place.name,
        version=version,
        mode="plain" if preview is None else get_mode(preview),
        draft=None if draft is None else draft.text,
        annotations=_list_annotations(draft),
        save_label="Overwrite with mine" if is_stale else save_label,
        save_unchanged=preview is None,
        on_save=partial(save_text, place),
        on_change=partial(keep_text, place, saved=saved),
    )
    if draft is not None:
        st.button(
            "Keep theirs" if is_stale else "Discard changes",
            key=f"{key}.discard",
            on_click=discard_text,
            args=(place,),
        )


def keep_text(place: FilePlace, edited: EditedText, *, saved: str) -> None:
    """Keep a typed text with its validation, or forget it if it equals the saved one."""
    key = _make_key(place)
    known: FileDraft | None = st.session_state.get(key)
    if edited.text == saved and (known is None or known.seen == edited.version):
        st.session_state.pop(key, None)
        return
    seen = edited.version if known is None else known.seen
    st.session_state[key] = FileDraft(edited.text, seen, _find_problem(place, edited.text))


def save_text(place: FilePlace, edited: EditedText) -> None:
    """Write a text with the typed reason; if the host refuses it, keep it with the refusal."""
    key = _make_key(place)
    reason: str = st.session_state.get(f"{key}.reason", "")
    draft = FileDraft(edited.text, edited.version)
    if place.needs_reason() and not reason.strip():
        error = InvalidInputError("Enter a reason: it becomes the message of the commit.")
        st.session_state[key] = replace(draft, error=error)
        return
    try:
        place.write(_encode(edited.text), reason, seen=edited.version or None)
    except UncommittedError as error:
        st.session_state.pop(key, None)
        st.session_state[f"{key}.uncommitted"] = error
    except ConflictError as error:
        st.session_state[key] = replace(draft, error=error)
    except QDashError as error:
        problem = _find_problem(place, edited.text)
        st.session_state[key] = replace(draft, error=error, problem=problem)
    else:
        st.session_state.pop(key, None)
        st.session_state.pop(f"{key}.reason", None)
        say("Committed." if place.root.git else "Saved.")


def discard_text(place: FilePlace) -> None:
    """Forget the unsaved text, and open the saved one."""
    key = _make_key(place)
    st.session_state.pop(key, None)
    st.session_state[f"{key}.opened"] = st.session_state.get(f"{key}.opened", 0) + 1


def _make_key(place: FilePlace) -> str:
    return f"files.draft.{place.root.name}:{place.path}"


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _find_problem(place: FilePlace, text: str) -> FileProblemDocument | None:
    """Return the violation of the format of the file, or None; also None if the host does not answer."""
    try:
        return place.check(_encode(text)).problem
    except QDashError:
        return None


def _list_annotations(draft: FileDraft | None) -> list[TextAnnotation]:
    if draft is None or draft.problem is None:
        return []
    problem = draft.problem
    return [TextAnnotation(problem.line or 1, problem.message, problem.column)]


def _show_conflict(draft: FileDraft, saved: str) -> None:
    st.warning(
        "Somebody else changed the file while you were editing. Your text is kept below, with its differences from theirs.",
        icon=":material/sync_problem:",
    )
    unified = compare_texts(saved, draft.text, names=("theirs", "yours"))
    draw_differences(unified or "The texts differ in their line ends only.")
