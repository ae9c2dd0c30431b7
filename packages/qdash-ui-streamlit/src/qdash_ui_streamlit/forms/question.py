"""Form of a question to the assistant, in a conversation or as the first one of a new conversation."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from qdash_client.generated.api.chips import list_chips
from qdash_client.generated.api.conversations import (
    ConversationRequest,
    create_conversation,
    delete_conversation,
)
from qdash_core.errors import QDashError
from qdash_core.issues.texts import LONGEST_TEXT
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.display.targets import get_input_kind
from qdash_ui_streamlit.forms.repeatable_request import RepeatableRequest
from qdash_ui_streamlit.forms.streamed_answer import StreamedAnswer, keep_answer

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

ABOUT = ("result", "execution", "target")
"""Query parameters that name the subject of a new question."""
_HEIGHT = 110


def draw_question(view: View, conversation_id: str | None, *, has_answers: bool = False) -> None:
    """Draw the form of a question. A question is asked once, however often its button is pressed.

    Parameters
    ----------
    view : View
        View of an editor.
    conversation_id : str or None
        Conversation; None: the question begins a new one, about the chip in the URL.
    has_answers : bool
        Whether the conversation has questions already.
    """
    kept = f"assistant.question.{conversation_id}"
    request: RepeatableRequest = st.session_state.setdefault(kept, RepeatableRequest())
    key = f"{kept}.{request.number}"

    def send() -> None:
        if request.is_done:
            return
        text = st.session_state[f"{key}.text"].strip()
        shared = bool(st.session_state.get(f"{key}.shared"))
        chip_id = st.session_state.get(f"{key}.chip")
        try:
            asked = _ask(view, conversation_id, text, chip_id=chip_id, shared=shared)
        except QDashError as error:
            st.session_state[f"{kept}.problem"] = error
            return
        request.is_done = True
        st.session_state[kept] = request.make_next()
        view.set_params(conversation=asked, **dict.fromkeys(ABOUT))

    with st.form(key, border=False):
        st.text_area(
            "Another question" if has_answers else "Question",
            "" if conversation_id else _propose_question(view),
            key=f"{key}.text",
            max_chars=LONGEST_TEXT,
            height=_HEIGHT,
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if conversation_id is None:
                chips = [one.chip_id for one in view.every(list_chips)]
                about = view.param("chip")
                st.selectbox(
                    "About chip",
                    chips,
                    index=chips.index(about) if about in chips else None,
                    placeholder="no chip",
                    key=f"{key}.chip",
                    width=200,
                )
                st.checkbox("Share with the project", key=f"{key}.shared")
            st.form_submit_button("Ask", type="primary", icon=":material/send:", on_click=send)
    if (problem := st.session_state.pop(f"{kept}.problem", None)) is not None:
        show_problem(problem)


def _ask(view: View, conversation_id: str | None, text: str, *, chip_id: str | None, shared: bool) -> str:
    """Ask a question, and return its conversation; a new one is deleted again if the host refuses the question."""
    if conversation_id is not None:
        keep_answer(conversation_id, StreamedAnswer(view.client, conversation_id, text))
        return conversation_id
    body = ConversationRequest(chip_id=chip_id, shared=shared)
    made = view.ask(create_conversation, body=body).conversation_id
    try:
        keep_answer(made, StreamedAnswer(view.client, made, text))
    except QDashError:
        with suppress(QDashError):
            view.ask(delete_conversation, made)
        raise
    return made


def _propose_question(view: View) -> str:
    """Return a question about the subject in the URL, or an empty text."""
    if (task_id := view.param("result")) is not None:
        return f"Explain result {task_id}: what does it show, and what should I do next?"
    if (execution_id := view.param("execution")) is not None:
        return f"Explain execution {execution_id}: what failed, why, and what should I do next?"
    if (target := view.param("target")) is not None:
        word = get_input_kind(target).word
        return (
            f"What is the state of {word} {target} of chip {view.param('chip')}, and what should I do next?"
        )
    return ""
