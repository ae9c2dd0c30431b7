"""Page with the editor alone, for tests: a saved text, and the calls that the editor made."""

from __future__ import annotations

import streamlit as st

from qdash_ui_streamlit.components.editor import Completion, EditedText, TextAnnotation, editor

state = st.session_state
state.setdefault("text", "a: 1\r\nb: 2\r\n" if st.query_params.get("text") == "crlf" else "qubits:\n  - 1\n")
state.setdefault("number", 1)
state.setdefault("calls", [])


def save(edited: EditedText) -> None:
    """Save a text of the present version."""
    state["calls"].append(f"saved {edited.version} {edited.text!r}")
    if "refused" not in edited.text:
        state["text"], state["number"] = edited.text, state["number"] + 1


def change(edited: EditedText) -> None:
    """Record a changed text."""
    state["calls"].append(f"changed {edited.version} {edited.text!r}")


def replace() -> None:
    """Replace the saved text, as another user does."""
    state["text"], state["number"] = "theirs\n", state["number"] + 1


st.title("Editor")
st.button("Rerun")
st.button("Replace", on_click=replace)
st.html('<a href="/?other=1">Other page</a>')
marked = [TextAnnotation(2, "no such qubit", 5), TextAnnotation(9, "the end is missing")]
editor(
    state["text"],
    key="editor",
    label="chip.yaml",
    version=str(state["number"]),
    mode="python" if "python" in st.query_params else "yaml",
    annotations=marked if "marked" in st.query_params else (),
    completions=[Completion("frequency", "GHz"), Completion("fidelity")],
    read_only="read_only" in st.query_params,
    on_save=save,
    on_change=change,
    change_delay_s=0.2,
)
for call in state["calls"]:
    st.code(call, language=None)
