"""Open invitations of a user, which replace the pages of a project in which the user has no role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_ui_streamlit.display.notices import show_empty

if TYPE_CHECKING:
    from qdash_remote.identity import Membership
    from qdash_ui_streamlit.page import Page
    from qdash_ui_streamlit.view import View

_PERSONAL_PAGES = ("members", "settings")
"""Pages that need no project."""


def find_invitation(view: View) -> Membership | None:
    """Return the open invitation of a user without a role in the project, or None."""
    if view.me.role is not None:
        return None
    named = view.param("project")
    return next((one for one in _list_pending(view) if named in (None, one.project_id)), None)


def draw_invitations(view: View) -> None:
    """Draw the open invitations of a user with a role in the project, such as the personal one of a new user."""
    for one in _list_pending(view):
        st.info(f"{_describe(one)} [Accept or decline]({view.link('members')})", icon=":material/mail:")


def render_invitation(view: View, page: Page, invited: Membership) -> None:
    """Draw a page about the user, or a link to the invitation in place of any other page."""
    if page.path in _PERSONAL_PAGES:
        page.render(view)
        return
    st.title(page.title)
    show_empty(
        _describe(invited),
        f"[Accept the invitation]({view.link('members')}) to see its pages.",
    )


def _list_pending(view: View) -> list[Membership]:
    return [one for one in view.me.user.projects if one.status == "pending"]


def _describe(invited: Membership) -> str:
    return f"{invited.invited_by or 'Another user'} invites you to project {invited.project_id} as {invited.role}."
