"""Conversation with the assistant: its questions, answers and proposals, and a form for another question."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.conversations.models.conversation import AnswerState
from qdash_builtin.conversations.operations import (
    cancel_answer,
    delete_conversation,
    edit_conversation,
    show_assistant,
    show_conversation,
)
from qdash_builtin.conversations.pages.answer_display import draw_message
from qdash_builtin.conversations.pages.assistant_state import draw_budget, draw_state
from qdash_builtin.conversations.pages.proposal import draw_proposals
from qdash_builtin.conversations.pages.question import draw_question, draw_refusal
from qdash_builtin.conversations.pages.streamed_answer import find_answer, forget_answer
from qdash_builtin.conversations.requests.conversations import ConversationEdit
from qdash_builtin.text_pages.user_texts import LONGEST_TITLE
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_ui_streamlit.components.event_rerun import rerun_at_intervals
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_problem
from qdash_ui_streamlit.display.paging import draw_paging
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.forms.confirm_action import confirm_action, perform_action

if TYPE_CHECKING:
    from qdash_builtin.conversations.views import ConversationDocument, ConversationMessageDocument
    from qdash_ui_streamlit.view import View

PLACE = "assistant"
_PAGE = 20
"""Number of questions of a page."""
_STREAM_S, _POLL_S = 0.3, 1.5
"""Intervals at which a running answer is drawn: one that this session receives, and one that the host stores."""


def draw_conversation(view: View, conversation_id: str) -> None:
    """Draw a conversation."""
    after = view.param("after")
    try:
        shown = view.ask(show_conversation.paged(limit=_PAGE, after=after), conversation_id)
    except (NotFoundError, InvalidInputError) as error:
        st.title("Conversation")
        if isinstance(error, NotFoundError):
            st.warning(
                f"There is no conversation {escape_markdown(conversation_id)} that you may read.",
                icon=":material/search_off:",
            )
        else:
            show_problem(error)
        st.markdown(f"[All conversations]({view.link(PLACE)})")
        return
    st.title(escape_markdown(shown.title) or "Conversation")
    _draw_header(view, shown)
    draw_paging(view, PLACE, ("conversation",), shown.next, label="Pages of questions")
    is_running = False
    for message in shown.messages:
        with st.container(border=True):
            if message.state is AnswerState.RUNNING:
                is_running = True
                _draw_running(view, shown, message)
            else:
                draw_message(view, message)
                draw_proposals(view, conversation_id, message)
    if not shown.messages:
        show_empty("No question yet.", "Ask one below." if view.edits else "")
    if is_running:
        draw_refusal(conversation_id)
    elif after is None:
        forget_answer(conversation_id)
        _draw_end(view, shown)


def _draw_end(view: View, shown: ConversationDocument) -> None:
    """Draw the form of another question, with the tokens that are left, or why it cannot be asked."""
    if not view.edits:
        return
    assistant = view.ask(show_assistant)
    draw_state(view, assistant)
    if assistant.can_ask:
        draw_question(view, shown.conversation_id, has_answers=bool(shown.messages))
    if assistant.ready:
        draw_budget(view, assistant)


def _draw_header(view: View, shown: ConversationDocument) -> None:
    chip = format_link(view.link("chip", chip=shown.chip_id), shown.chip_id) if shown.chip_id else None
    draw_facts(
        {
            "Author": escape(shown.username),
            "Readers": "the members of the project" if shown.shared else "only the author",
            "Chip": chip,
            "Started": view.time(shown.created_at),
        }
    )
    is_author = shown.username == view.me.user.username
    with st.container(horizontal=True, vertical_alignment="center"):
        if is_author:
            _draw_author_buttons(view, shown)
        if (is_author or view.owns) and st.button(
            "Delete …", icon=":material/delete:", key="conversation.delete"
        ):
            _ask_to_delete(view, shown.conversation_id)
        st.markdown(f"[All conversations]({view.link(PLACE)})", width="content")


def _draw_author_buttons(view: View, shown: ConversationDocument) -> None:
    """Draw the buttons of the author, who as a viewer can only make the conversation private."""
    if view.edits:
        with st.popover("Rename"):
            title = st.text_input("Title", shown.title, max_chars=LONGEST_TITLE, key="conversation.title")
            if st.button("Save", key="conversation.rename", disabled=not title.strip()):
                _edit(view, shown, ConversationEdit(title=title.strip()), "Conversation renamed")
    elif not shown.shared:
        return
    label, icon = ("Make private", "lock") if shown.shared else ("Share with the project", "group")
    if st.button(label, icon=f":material/{icon}:", key="conversation.share"):
        success = (
            "Only you can read it now" if shown.shared else "Every member of the project can read it now"
        )
        _edit(view, shown, ConversationEdit(shared=not shown.shared), success)


def _edit(view: View, shown: ConversationDocument, body: ConversationEdit, success: str) -> None:
    if perform_action(lambda: view.ask(edit_conversation, shown.conversation_id, body=body), success):
        rerun()


def _ask_to_delete(view: View, conversation_id: str) -> None:
    def delete() -> None:
        view.ask(delete_conversation, conversation_id)
        view.set_params(conversation=None, after=None)

    confirm_action(
        "Delete this conversation?",
        "Its questions, answers and proposals are removed and cannot be restored. What was confirmed stays; the tokens still count.",
        label="Delete",
        act=delete,
        success="Conversation deleted.",
    )


def _draw_running(view: View, shown: ConversationDocument, message: ConversationMessageDocument) -> None:
    own = find_answer(shown.conversation_id, message.number) is not None
    (_draw_streamed if own else _draw_stored)(view, shown.conversation_id, message.number)


@fragment
def _draw_streamed(view: View, conversation_id: str, number: int) -> None:
    """Draw an answer that this session receives, and the whole page when it has ended."""
    answer = find_answer(conversation_id, number)
    if answer is None:
        rerun()
    message, has_ended = answer.read()
    if has_ended:
        forget_answer(conversation_id)
        rerun()
    rerun_at_intervals("conversation.streamed", _STREAM_S)
    _draw_unfinished(view, conversation_id, message)


@fragment
def _draw_stored(view: View, conversation_id: str, number: int) -> None:
    """Draw an answer that another session receives, and the whole page when it has ended."""
    newest = view.ask(show_conversation.paged(limit=1), conversation_id).messages
    found = next((one for one in newest if one.number == number), None)
    if found is None or found.state is not AnswerState.RUNNING:
        rerun()
    rerun_at_intervals("conversation.stored", _POLL_S)
    _draw_unfinished(view, conversation_id, found)


def _draw_unfinished(view: View, conversation_id: str, message: ConversationMessageDocument) -> None:
    draw_message(view, message)
    may_cancel = view.edits and (view.owns or message.username == view.me.user.username)
    if may_cancel and st.button("Cancel", icon=":material/stop:", key="conversation.cancel"):
        perform_action(lambda: view.ask(cancel_answer, conversation_id), "Answer cancelled")
