"""State of the assistant, and the tokens that the user has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_ui_streamlit.display.markdown import escape_markdown

if TYPE_CHECKING:
    from qdash_builtin.conversations.views import AssistantDocument
    from qdash_ui_streamlit.view import View


def draw_state(view: View, assistant: AssistantDocument) -> None:
    """Draw why the assistant cannot answer, or that the user's tokens are used up; nothing if it can."""
    if not assistant.ready:
        reason = escape_markdown(assistant.reason or "no reason is known")
        st.warning(
            f"The assistant is off: {reason}.  \nExplanations on the pages of results, qubits, couplings and executions need no assistant.",
            icon=":material/power_settings_new:",
        )
    elif assistant.can_ask or not view.edits:
        return
    elif 0 in (assistant.user.budget, assistant.project.budget):
        st.warning(
            "The operator has turned off questions to the assistant.", icon=":material/power_settings_new:"
        )
    else:
        st.warning("Too few tokens are left for a question today.", icon=":material/hourglass_empty:")


def draw_budget(view: View, assistant: AssistantDocument) -> None:
    """Draw the model and the tokens that the user has left on this day."""
    parts = [assistant.model or assistant.name or ""]
    if assistant.model:
        user, project = assistant.user, assistant.project
        parts.append(f"{assistant.tokens_left:,} tokens left for you today")
        parts.append(f"you used {user.used:,} of {user.budget:,}")
        parts.append(f"the project used {project.used:,} of {project.budget:,}")
        parts.append(f"at most {assistant.tokens_per_question:,} for a question")
        parts.append(f"the next day begins {view.moment(assistant.renews_at)}")
    st.caption(escape_markdown(" · ".join(parts)))
