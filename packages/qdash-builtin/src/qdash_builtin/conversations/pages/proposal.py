"""Proposals of the assistant, with their effects, for a user to confirm or discard."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.conversations.models.proposal import ProposalState
from qdash_builtin.conversations.operations import confirm_proposal, discard_proposal
from qdash_builtin.conversations.pages.answer_display import format_arguments
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.records import make_record_url
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons, perform_action

if TYPE_CHECKING:
    from qdash_builtin.conversations.views import ConversationMessageDocument, ProposalDocument
    from qdash_ui_streamlit.view import View

_STATES = {
    ProposalState.DRAFTED: "awaits a decision",
    ProposalState.CONFIRMING: "is being confirmed",
    ProposalState.CONFIRMED: "confirmed",
    ProposalState.DISCARDED: "discarded",
    ProposalState.EXPIRED: "expired",
}


def draw_proposals(view: View, conversation_id: str, message: ConversationMessageDocument) -> None:
    """Draw the proposals of a message; editors confirm or discard those without a decision."""
    for proposal in message.proposals:
        with st.container(border=True):
            st.html(f'<div style="overflow-wrap:anywhere">{_format_proposal(view, proposal)}</div>')
            if view.edits and _is_open(view, proposal):
                _draw_buttons(view, conversation_id, message.number, proposal)


def _is_open(view: View, proposal: ProposalDocument) -> bool:
    """Return whether the user can decide on a proposal; an interrupted confirmation is repeated by the same user."""
    if proposal.state is ProposalState.CONFIRMING:
        return proposal.decided_by == view.me.user.username
    return proposal.state is ProposalState.DRAFTED


def _format_proposal(view: View, proposal: ProposalDocument) -> str:
    state = _STATES[proposal.state]
    if proposal.decided_by:
        state += f" by {escape(proposal.decided_by)} {view.time(proposal.decided_at)}"
    lines = [
        f"<b>Proposal {escape(proposal.proposal_id)}: {escape(proposal.kind)}</b> · {state}",
        escape(proposal.summary),
        f"<small>Reason of the assistant: {escape(proposal.reason)}</small>",
    ]
    if proposal.outcome:
        done = escape(proposal.outcome)
        lines.append(f"{done} {_link(view, proposal)}")
    if proposal.error:
        lines.append(escape(proposal.error))
    return "<br>".join(lines)


def _link(view: View, proposal: ProposalDocument) -> str:
    url = None if proposal.record is None else make_record_url(view, proposal.record)
    return f'<span style="white-space:nowrap">({format_link(url, "open it")})</span>' if url else ""


def _draw_buttons(view: View, conversation_id: str, number: int, proposal: ProposalDocument) -> None:
    place = (conversation_id, number, proposal.proposal_id)
    key = ".".join(map(str, ("proposal", *place)))
    named = f"proposal {proposal.proposal_id}"
    with st.container(horizontal=True):
        if st.button("Confirm …", key=f"{key}.confirm", type="primary", help=f"Confirm {named}"):
            _confirm(view, place, proposal)
        if st.button("Discard", key=f"{key}.discard", help=f"Discard {named}") and perform_action(
            lambda: view.ask(discard_proposal, *place), "Proposal discarded"
        ):
            rerun()


def _confirm(view: View, place: tuple[str, int, str], proposal: ProposalDocument) -> None:
    """Show exactly what a proposal would do, and ask for confirmation."""

    @dialog("Confirm this proposal?", width="large")
    def draw() -> None:
        st.html(f'<div style="overflow-wrap:anywhere"><b>{escape(proposal.summary)}</b></div>')
        draw_facts(format_arguments(proposal.arguments))
        st.html(
            f'<div style="overflow-wrap:anywhere">Reason of the assistant: {escape(proposal.reason)}</div>'
        )
        st.markdown("It is performed with your rights. The record names you and the assistant.")
        draw_dialog_buttons(
            "Confirm",
            lambda: view.ask(confirm_proposal, *place),
            "Proposal confirmed",
            key="proposal.confirm",
        )

    draw()
