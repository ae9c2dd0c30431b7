"""Form of a question to the assistant, in a conversation or as the first one of a new conversation."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.conversations.operations import create_conversation, delete_conversation
from qdash_builtin.conversations.pages.streamed_answer import StreamedAnswer, keep_answer
from qdash_builtin.conversations.requests.conversations import ConversationRequest
from qdash_builtin.text_pages.user_texts import LONGEST_TEXT
from qdash_core.errors import QDashError
from qdash_core.models.targets import get_target_kind
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.forms.option_lists import load_options

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

ABOUT = ("result", "execution", "target")
"""Query parameters that name the subject of a new question."""
_HEIGHT = 110


@dataclass
class _Draft:
    """A question of one form; the next form has another number, so that a late click does not act on it."""

    number: int = 0
    answer: StreamedAnswer | None = None


def draw_question(view: View, conversation_id: str | None, *, has_answers: bool = False) -> None:
    """Draw the form of a question, or, without a conversation, of one that begins a conversation about the chip in the URL.

    A question is asked once, however often its button is pressed.
    """
    kept = f"assistant.question.{conversation_id}"
    draft: _Draft = st.session_state.setdefault(kept, _Draft())
    if draft.answer is not None:  # the page was left after its question was asked
        draft = st.session_state[kept] = _Draft(draft.number + 1)
    key = f"{kept}.{draft.number}"

    def send() -> None:
        """Ask the question, and show its conversation.

        A second click, or a link, interrupts it where it uses the session; the click then calls it again.
        """
        text = st.session_state[f"{key}.text"].strip()
        shared = bool(st.session_state.get(f"{key}.shared"))
        chip_id = st.session_state.get(f"{key}.chip")
        try:
            if draft.answer is None:
                draft.answer = _ask(view, conversation_id, text, chip_id=chip_id, shared=shared)
        except QDashError as error:
            st.session_state[f"{kept}.refused"] = text  # without the form, Streamlit forgets the text
            st.session_state[f"{kept}.problem"] = error
            return
        st.session_state.pop(f"{kept}.refused", None)
        keep_answer(draft.answer)
        st.session_state[kept] = _Draft(draft.number + 1)
        view.set_params(conversation=draft.answer.conversation_id, **dict.fromkeys((*ABOUT, "after")))

    with st.form(key, border=False):
        st.text_area(
            "Another question" if has_answers else "Question",
            st.session_state.get(f"{kept}.refused") or ("" if conversation_id else _propose_question(view)),
            key=f"{key}.text",
            max_chars=LONGEST_TEXT,
            height=_HEIGHT,
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if conversation_id is None:
                chips = load_options("chips", view.list_chip_ids)
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
    draw_refusal(conversation_id)


def draw_refusal(conversation_id: str | None) -> None:
    """Draw why the last question of a conversation was refused, once; nothing if it was asked."""
    problem = st.session_state.pop(f"assistant.question.{conversation_id}.problem", None)
    if problem is not None:
        show_problem(problem)


def _ask(
    view: View, conversation_id: str | None, text: str, *, chip_id: str | None, shared: bool
) -> StreamedAnswer:
    """Ask a question; a new conversation is deleted again if the host refuses it."""
    if conversation_id is not None:
        return StreamedAnswer(view.connection, conversation_id, text)
    body = ConversationRequest(chip_id=chip_id, shared=shared)
    made = view.ask(create_conversation, body=body).conversation_id
    try:
        return StreamedAnswer(view.connection, made, text)
    except QDashError:
        with suppress(QDashError):
            view.ask(delete_conversation, made)
        raise


def _propose_question(view: View) -> str:
    """Return a question about the subject in the URL, or an empty text."""
    if (task_id := view.param("result")) is not None:
        return f"Explain result {task_id}: what does it show, and what should I do next?"
    if (execution_id := view.param("execution")) is not None:
        return f"Explain execution {execution_id}: what failed, why, and what should I do next?"
    if (target := view.param("target")) is not None:
        word = get_target_kind(target)
        return (
            f"What is the state of {word} {target} of chip {view.param('chip')}, and what should I do next?"
        )
    return ""
