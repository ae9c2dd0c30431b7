"""Users of the host, for administrators: create, invite, disable and off-board."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import streamlit as st

from qdash_builtin.people.operations.users import (
    create_user,
    edit_user,
    invite_to_set_up,
    list_tokens_of,
    list_users,
    off_board,
    revoke_token_of,
)
from qdash_builtin.people.pages.tokens import TOKEN_COLUMNS, make_token_row, show_secret, sort_by_use
from qdash_builtin.people.requests import OffBoardingRequest, UserEdit, UserRequest
from qdash_core.errors import ConflictError
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.forms.confirm_action import confirm_action, draw_dialog_buttons, perform_action
from qdash_ui_streamlit.forms.request_form import RequestForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.people.views.people import UserDocument
    from qdash_ui_streamlit.view import View

_PAGE = 200


def draw_users(view: View) -> None:
    """Draw all users, and the actions on them."""
    st.header("Users of this host", anchor="users", divider="gray")
    known: dict[str, UserDocument] = {one.username: one for one in view.every(list_users.paged(limit=_PAGE))}
    columns = [
        Column("name", "User"),
        Column("full_name", "Name"),
        Column("state", "Status", "status"),
        Column("projects", "Projects"),
        Column("owns", "Owner of"),
        Column("since", "Created", "time"),
    ]
    rows = [
        {
            "name": one.username,
            "full_name": one.full_name,
            "state": get_status(one),
            "projects": ", ".join(f"{each.project_id} ({each.role})" for each in one.projects),
            "owns": ", ".join(one.owns),
            "since": one.created_at,
        }
        for one in known.values()
    ]
    table(view, columns, rows, key="users", label="Users of this host")
    _draw_creation_form(view)
    _draw_user_actions(view, known)


def get_status(user: UserDocument) -> str:
    """Return the status of a user: `active`, `pending` without a password, or `blocked` if disabled."""
    if user.disabled:
        return "blocked"
    return "active" if user.has_password else "pending"


def _draw_creation_form(view: View) -> None:
    RequestForm(
        view=view,
        model=UserRequest,
        send=lambda body: view.ask(create_user, body=body),
        place="user",
        label="Create user",
        success="User created, with a personal project: send them the set-up link, and invite them into yours.",
        then=lambda user: _create_setup_link(view, user),
    ).draw()


def _draw_user_actions(view: View, known: Mapping[str, UserDocument]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        user = known[st.selectbox("Change a user", list(known), width=240)]
        others = user.username != view.me.user.username
        if not user.disabled and st.button("Set-up link"):
            _create_setup_link(view, user)
        if others and st.button("Tokens …"):
            dialog(f"Tokens and login sessions of {user.username}", width="large")(draw_tokens_of)(
                view, user.username
            )
        if others and user.disabled and st.button("Enable"):
            _set_disabled(view, user, disabled=False)
        if others and not user.disabled and st.button("Disable"):
            _confirm_disabling(view, user)
        if others and st.button("Off-board"):
            _confirm_off_boarding(
                view, user, [name for name, one in known.items() if not one.disabled and one is not user]
            )


def draw_tokens_of(view: View, username: str) -> None:
    """Draw the tokens and login sessions of a user, and the revocation of one."""
    known = sort_by_use(view.every(list_tokens_of.paged(limit=_PAGE), username))
    rows = [make_token_row(one) for one in known]
    table(view, TOKEN_COLUMNS, rows, key="users.tokens", label="Tokens", filtered=False)
    if not known:
        return
    name = st.selectbox("Token or login session", [one.name for one in known], key="users.token")
    st.caption("Requests with it are refused from then on.")
    draw_dialog_buttons(
        "Revoke",
        lambda: view.ask(revoke_token_of, username, name),
        f"{name} of {username} revoked.",
        key="users.revoke",
    )


def _create_setup_link(view: View, user: UserDocument) -> None:
    codes: list[str] = []
    if perform_action(
        lambda: codes.append(view.ask(invite_to_set_up, user.username).code), "Set-up link created."
    ):
        address = f"{_find_origin()}/setup?user={quote(user.username)}#{codes[0]}"
        show_secret(
            f"Set-up link of {user.username}",
            address,
            "It sets the password of this user once, and replaces earlier links.",
        )


def _find_origin() -> str:
    url = st.context.url or ""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _set_disabled(view: View, user: UserDocument, *, disabled: bool) -> None:
    text = f"{user.username} is {'disabled' if disabled else 'enabled'}."
    if perform_action(lambda: view.ask(edit_user, user.username, body=UserEdit(disabled=disabled)), text):
        rerun()


def _confirm_disabling(view: View, user: UserDocument) -> None:
    confirm_action(
        f"Disable {user.username}?",
        f"**{user.username}** loses all access, with every token, until enabled again. "
        "Memberships of projects are kept.",
        label="Disable",
        act=lambda: view.ask(edit_user, user.username, body=UserEdit(disabled=True)),
        success=f"{user.username} is disabled.",
    )


def _confirm_off_boarding(view: View, user: UserDocument, heirs: list[str]) -> None:
    @dialog(f"Off-board {user.username}?")
    def asked() -> None:
        to = None
        if user.owns:
            to = st.selectbox(
                f"New owner of {', '.join(user.owns)}",
                heirs,
                index=None,
                placeholder="none",
                help="An unused personal project is deleted and needs none",
            )
        st.markdown(
            f"This cannot be undone: {describe_impact(view, user.username, to)} Their records are kept."
        )
        body = OffBoardingRequest(to=to, force=True)
        if st.button("Off-board", type="primary", width="stretch") and perform_action(
            lambda: view.ask(off_board, user.username, body=body), f"{user.username} is off-boarded."
        ):
            rerun()
        if st.button("Go back", width="stretch"):
            rerun()

    asked()


def describe_impact(view: View, username: str, to: str | None) -> str:
    """Return the consequences of an off-boarding, or why it is refused."""
    try:
        preview = view.ask(off_board, username, body=OffBoardingRequest(to=to))
    except ConflictError as refusal:
        return f"{refusal}."
    return f"{preview.describe()}."
