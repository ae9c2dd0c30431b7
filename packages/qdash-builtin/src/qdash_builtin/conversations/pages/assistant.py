"""Assistant page: a new question, and the conversations of the user and of the project; or one conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.conversations.operations import list_conversations, show_assistant
from qdash_builtin.conversations.pages.assistant_state import draw_budget, draw_state
from qdash_builtin.conversations.pages.conversation import draw_conversation
from qdash_builtin.conversations.pages.question import draw_question
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.paging import draw_paging
from qdash_ui_streamlit.forms.option_lists import load_options
from qdash_ui_streamlit.forms.query_params import draw_select

if TYPE_CHECKING:
    from qdash_builtin.conversations.views import ConversationHeader
    from qdash_ui_streamlit.view import View

PLACE = "assistant"
_FILTERS = ("chip",)
_COLUMNS = (
    Column("title", "Conversation", link="address"),
    Column("chip_id", "Chip", "chip"),
    Column("username", "Author"),
    Column("shared", "Readers"),
    Column("n_messages", "Questions", "number"),
    Column("updated_at", "Last activity", "time"),
)


def render(view: View) -> None:
    """Draw the page."""
    if (conversation_id := view.param("conversation")) is not None:
        draw_conversation(view, conversation_id)
        return
    st.title("Assistant")
    assistant = view.ask(show_assistant)
    draw_state(view, assistant)
    if assistant.ready and view.edits:
        if assistant.can_ask:
            draw_question(view, None)
        draw_budget(view, assistant)
    st.header("Conversations", anchor="conversations")
    _draw_list(view, ready=assistant.ready)


def _draw_list(view: View, *, ready: bool) -> None:
    chips = load_options("chips", view.list_chip_ids)
    chip_id = draw_select(view, "chip", "Chip", chips, any_text="any", clears=("after",))
    after = view.param("after")
    page = view.ask(list_conversations.paged(after=after), chip_id=chip_id)
    if not page.items and not (chip_id or after):
        asks = (
            "Ask a question above." if view.edits else "Editors of the project ask questions, and share them."
        )
        show_empty("No conversation yet.", asks if ready else "")
        return
    table(
        view,
        _COLUMNS,
        [_make_row(view, one) for one in page.items],
        key="conversations",
        label="Conversations",
        filtered=False,
        empty="No conversations about this chip.",
    )
    draw_paging(view, PLACE, _FILTERS, page.next, label="Pages of conversations")


def _make_row(view: View, one: ConversationHeader) -> dict[str, Any]:
    return {
        "title": one.title or "without a question yet",
        "address": view.link(PLACE, conversation=one.conversation_id),
        "chip_id": one.chip_id,
        "username": one.username,
        "shared": "the project" if one.shared else "only the author",
        "n_messages": one.n_messages,
        "updated_at": one.updated_at,
    }
