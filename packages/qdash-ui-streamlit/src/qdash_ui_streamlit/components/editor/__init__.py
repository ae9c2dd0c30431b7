"""Editor of a text with syntax colours, marks at lines, completions and Ctrl+S: CodeMirror, served by the dashboard."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from qdash_ui_streamlit.components.assets import make_component
from qdash_ui_streamlit.routes.scripts import EDITOR_LIBRARY, make_script_url

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EditorMode = Literal["plain", "json", "yaml", "toml", "python", "markdown"]
_editor = make_component(__file__, html='<div class="editor"></div>')


@dataclass(frozen=True, slots=True)
class TextAnnotation:
    """Message at a place of the text.

    Parameters
    ----------
    line : int
        Counted from 1; one outside the text becomes its first or last line.
    column : int or None
        Counted from 1, or None for the whole line.
    """

    line: int
    message: str
    column: int | None = None
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True, slots=True)
class Completion:
    """Text that the editor offers while the user types.

    Parameters
    ----------
    label : str
        Text of letters, digits, `_`, `-` and `.`, since others end the word that is completed.
    type : str
        Kind of its sign: `class`, `constant`, `function`, `method`, `property` or `variable`; empty: no sign.
    """

    label: str
    detail: str = ""
    info: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class EditedText:
    """Text that a user typed, and the version from which it came."""

    text: str
    version: str


def editor(
    text: str,
    *,
    key: str,
    label: str,
    version: str,
    mode: EditorMode = "plain",
    draft: str | None = None,
    annotations: Sequence[TextAnnotation] = (),
    completions: Sequence[Completion] = (),
    read_only: bool = False,
    save_label: str = "Save",
    save_unchanged: bool = False,
    on_save: Callable[[EditedText], None] | None = None,
    on_change: Callable[[EditedText], None] | None = None,
    change_delay_s: float = 0.8,
    keeps_draft: bool = False,
    height_rem: int = 30,
) -> None:
    """Show an editor. It keeps the typed text through reruns, and asks before the user leaves unsaved changes.

    Callbacks run before the page is drawn again.

    Parameters
    ----------
    text : str
        Saved text. Its line ends are kept.
    version : str
        A new version without a draft replaces the text, except for what was typed after the save that made it.
    draft : str or None
        Unsaved text with which the editor opens, and which stays when the version changes. Another key opens the editor
        anew.
    save_label : str
        Label of the button that saves, as Ctrl+S does; empty: the editor does not save the text.
    save_unchanged : bool
        Whether a text equal to the saved one can be saved.
    on_change : callable or None
        Called with the text once the user has stopped typing for `change_delay_s`.
    keeps_draft : bool
        Whether the page keeps a changed text while the tab is open, so that a link within the dashboard leads away without a question.
    height_rem : int
        Largest height in root font sizes.
    """
    data: dict[str, Any] = {
        "text": text,
        "label": label,
        "version": version,
        "mode": mode,
        "draft": draft,
        "annotations": [asdict(one) for one in annotations],
        "completions": [asdict(one) for one in completions],
        "read_only": read_only,
        "save_label": save_label if on_save is not None else "",
        "save_unchanged": save_unchanged,
        "change_delay_ms": None if on_change is None else 1000 * change_delay_s,
        "keeps_draft": keeps_draft,
        "save": st.session_state.get(_save_key(key), 0),
        "library": make_script_url(EDITOR_LIBRARY),
        "height_rem": height_rem,
    }
    _editor(key=key, data=data, on_sent_change=lambda: _pass_on(key, on_save, on_change))


def _pass_on(
    key: str,
    on_save: Callable[[EditedText], None] | None,
    on_change: Callable[[EditedText], None] | None,
) -> None:
    """Call the callback for a text from the browser. A save has a number of its own; the editor learns which one was answered."""
    sent = st.session_state[key].get("sent")
    if sent is None:
        return
    callback = on_change
    if sent["save"] != st.session_state.get(_save_key(key), 0):
        st.session_state[_save_key(key)] = sent["save"]
        callback = on_save
    if callback is not None:
        callback(EditedText(sent["text"], sent["version"]))


def _save_key(key: str) -> str:
    return f"{key}.save"
