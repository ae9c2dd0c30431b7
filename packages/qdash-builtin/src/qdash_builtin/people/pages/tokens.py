"""The user's tokens: list, creation and revocation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.people.operations.auth import create_token, list_tokens, revoke_token
from qdash_builtin.people.requests import TokenRequest
from qdash_core.models.token import TokenScope
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.forms.confirm_action import confirm_action
from qdash_ui_streamlit.forms.request_form import RequestForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_builtin.people.views.tokens import TokenDocument
    from qdash_ui_streamlit.view import View

_PAGE = 200
_SCOPES = {
    "read": "read: view only",
    "write": "write: act as an editor",
    "admin": "admin: all your rights",
}
TOKEN_COLUMNS = (
    Column("name", "Name"),
    Column("kind", "Kind"),
    Column("scope", "Scope"),
    Column("made", "Created", "time"),
    Column("ends", "Expires", "time", help="–: never"),
    Column("used", "Last used", "time", help="To the minute"),
)
"""Columns of the rows of `make_token_row`."""


def draw_tokens(view: View) -> None:
    """Draw the tokens and login sessions of the user."""
    st.header("Your tokens and login sessions", divider="gray")
    st.markdown("A program acts as you with a token. A login session lasts from your login to your logout.")
    known = sort_by_use(view.every(list_tokens.paged(limit=_PAGE)))
    columns = [*TOKEN_COLUMNS, Column("here", "Current")]
    rows = [
        {**make_token_row(one), "here": "this session" if one.name == view.me.token.name else None}
        for one in known
    ]
    table(view, columns, rows, key="tokens", label="Your tokens and login sessions")
    if view.me.token.scope.includes(TokenScope.WRITE):
        _draw_revocation_form(view, known)
        _draw_creation_form(view)


def make_token_row(token: TokenDocument) -> dict[str, Any]:
    """Return a token or login session as a table row."""
    return {
        "name": token.name,
        "kind": token.kind,
        "scope": token.scope,
        "made": token.created_at,
        "ends": token.expires_at,
        "used": token.last_used_at,
    }


def sort_by_use(known: Iterable[TokenDocument]) -> list[TokenDocument]:
    """Return tokens before login sessions, the most recently used first."""
    return sorted(
        known, key=lambda one: (one.kind == "session", -(one.last_used_at or one.created_at).timestamp())
    )


def _draw_revocation_form(view: View, known: Sequence[TokenDocument]) -> None:
    by_name = {one.name: one for one in known if one.name != view.me.token.name}
    if not by_name:
        return
    with st.form("revoke", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Token or login session", list(by_name), width=240)
        sent = st.form_submit_button("Revoke")
    if sent:
        one = by_name[name]
        used = (
            "It was never used."
            if one.last_used_at is None
            else f"It was last used at {view.moment(one.last_used_at)}."
        )
        confirm_action(
            f"Revoke {name}?",
            f"Requests with {one.kind} **{name}** are refused from now on. {used}",
            label="Revoke",
            act=lambda: view.ask(revoke_token, name),
            success=f"{name} revoked.",
        )


def _draw_creation_form(view: View) -> None:
    RequestForm(
        view=view,
        model=TokenRequest,
        send=lambda body: view.ask(create_token, body=body),
        place="token",
        label="Create token",
        success="Token created.",
        offered={
            "scope": {
                one: text for one, text in _SCOPES.items() if view.me.token.scope.includes(TokenScope(one))
            }
        },
        then=lambda made: show_secret(
            f"Token {made.token.name}",
            made.secret,
            "Programs send it as `Authorization: Bearer ...`, or as `QDASH_TOKEN`.",
        ),
    ).draw()


def show_secret(title: str, secret: str, what_for: str) -> None:
    """Show a secret in a dialog for copying, as it is shown only once."""

    @st.dialog(title, dismissible=False)
    def show_dialog() -> None:
        st.markdown(f"Copy it now: it is shown **only once**. {what_for}")
        st.code(secret, language=None, wrap_lines=True)
        if st.button("I have copied it", type="primary", width="stretch"):
            rerun()

    show_dialog()
