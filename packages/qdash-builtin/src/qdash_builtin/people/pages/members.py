"""Members and tokens page: members of the project, the user's tokens, and all users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from qdash_builtin.people.operations.members import (
    accept_invitation,
    change_role,
    invite_member,
    leave_project,
    list_members,
    revoke_member,
)
from qdash_builtin.people.operations.projects import show_project, transfer_project
from qdash_builtin.people.pages.tokens import draw_tokens
from qdash_builtin.people.pages.users import draw_users
from qdash_builtin.people.requests import InvitationRequest, RoleRequest, TransferRequest
from qdash_core.models.token import TokenScope
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.notices import show_errors
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.forms.buttons import press_when_possible
from qdash_ui_streamlit.forms.confirm_action import confirm_action, perform_action
from qdash_ui_streamlit.forms.request_form import RequestForm
from qdash_ui_streamlit.session import refresh_user

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.people.views.people import MemberDocument
    from qdash_ui_streamlit.view import View

Role = Literal["viewer", "editor", "owner"]
_ROLES: tuple[Role, ...] = ("viewer", "editor", "owner")
_PAGE = 200


def render(view: View) -> None:
    """Draw the page."""
    st.title("Members and tokens")
    _draw_invitations(view)
    if view.me.role is not None:
        with show_errors():
            _draw_members(view)
    st.caption(f"[Your projects]({view.link('projects')}) have their own page.")
    with show_errors():
        draw_tokens(view)
    if view.administers:
        with show_errors():
            draw_users(view)


# --------------------------------------------------------------------------------------------------------- invitations


def _draw_invitations(view: View) -> None:
    """Draw the open invitations of the user, with buttons to accept or decline them."""
    if not view.me.token.scope.includes(TokenScope.WRITE):
        return
    for one in (each for each in view.me.user.projects if each.status == "pending"):
        with st.container(border=True):
            st.markdown(
                f"**{one.invited_by or 'Another user'}** invites you to project **{one.project_id}** as {one.role}."
            )
            with st.container(horizontal=True):
                if st.button("Accept", key=f"accept.{one.project_id}", type="primary"):
                    _answer_invitation(
                        view,
                        accept_invitation,
                        one.project_id,
                        f"You are now {one.role} of {one.project_id}.",
                    )
                if st.button("Decline", key=f"decline.{one.project_id}"):
                    _answer_invitation(
                        view,
                        leave_project,
                        one.project_id,
                        f"Invitation to {one.project_id} declined.",
                    )


def _answer_invitation(view: View, operation: Any, project_id: str, message: str) -> None:
    if perform_action(lambda: view.ask(operation, project_id), message):
        refresh_user()
        rerun()


# -------------------------------------------------------------------------------------------------------- members


def _draw_members(view: View) -> None:
    st.header(f"Members of {view.project_id}", divider="gray")
    members = list(view.every(list_members.paged(limit=_PAGE), view.project_id))
    owner = view.ask(show_project, view.project_id).owner if view.owns else None
    columns = [
        Column("name", "Member"),
        Column("role", "Role"),
        Column("status", "Status", "status"),
        Column("by", "Invited by"),
        Column("since", "Since", "time"),
        Column("seen", "Last seen", "time", help="To the minute"),
    ]
    rows = [
        {
            "name": one.username,
            "role": one.role,
            "status": one.status,
            "by": one.invited_by,
            "since": one.created_at,
            "seen": one.last_accessed_at,
        }
        for one in members
    ]
    table(view, columns, rows, key="members", label="Members of the project")
    if view.owns:
        _draw_invitation_form(view)
        _draw_member_actions(view, [one for one in members if one.status != "revoked"], owner)


def _draw_invitation_form(view: View) -> None:
    RequestForm(
        view=view,
        model=InvitationRequest,
        send=lambda body: view.ask(invite_member, view.project_id, body=body),
        place="invite",
        label="Invite",
        success="The user is invited, and becomes a member by accepting the invitation.",
    ).draw()
    if view.administers:
        st.caption("A colleague without an account needs one first: [create the user](#users).")


def _draw_member_actions(view: View, members: Sequence[MemberDocument], owner: str | None) -> None:
    """Draw the actions of an owner on other members; the project's owner of record can transfer it."""
    others = {one.username: one for one in members if one.username != owner}
    if not others:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        username = st.selectbox("Change a member", list(others), width=240)
        member = others[username]
        role = st.selectbox(
            "New role", _ROLES,
            index=_ROLES.index(member.role.value), width=140,
            key=f"role.{username}.{member.role}",
        )  # fmt: skip
        same = f"{username} is {role} already: choose another role." if role == member.role.value else ""
        if press_when_possible("Change role", same, key="members.change_role", kind="secondary"):
            _change_role(view, username, role)
        if st.button("Revoke"):
            _confirm_revocation(view, member)
        if member.status == "active" and owner == view.me.user.username and st.button("Transfer project"):
            _confirm_transfer(view, username)


def _change_role(view: View, username: str, role: Role) -> None:
    body = RoleRequest(role=role)
    if perform_action(
        lambda: view.ask(change_role, view.project_id, username, body=body), f"{username} is now {role}."
    ):
        rerun()


def _confirm_revocation(view: View, member: MemberDocument) -> None:
    name, project = member.username, view.project_id
    invited = member.status == "pending"
    impact = (
        f"The invitation of **{name}** to **{project}** is withdrawn."
        if invited
        else f"**{name}** loses access to **{project}** immediately, with every token. Their records are kept."
    )
    confirm_action(
        f"Withdraw the invitation of {name}?" if invited else f"Remove {name} from {project}?",
        impact,
        label="Revoke",
        act=lambda: view.ask(revoke_member, project, name),
        success=f"{name} is no longer a member of {project}.",
    )


def _confirm_transfer(view: View, username: str) -> None:
    project = view.project_id
    confirm_action(
        f"Transfer {project} to {username}?",
        f"**{username}** becomes the owner of **{project}**. You remain a member with the role of an owner, which they can change.",
        label="Transfer",
        act=lambda: view.ask(transfer_project, project, body=TransferRequest(to=username)),
        success=f"{username} now owns {project}.",
    )
