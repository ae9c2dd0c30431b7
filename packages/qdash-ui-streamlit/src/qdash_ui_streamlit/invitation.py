"""Replacement of the pages of a project for a user with an open invitation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_ui_streamlit.display.notices import show_empty

if TYPE_CHECKING:
    from qdash_core.documents.people import MemberDocument
    from qdash_ui_streamlit.page import Page
    from qdash_ui_streamlit.view import View

_PERSONAL_PAGES = ("members", "settings")
"""Pages that need no project."""


def find_invitation(view: View) -> MemberDocument | None:
    """Return the open invitation of a user without a role in the project, or None."""
    if view.me.role is not None:
        return None
    named = view.param("project")
    pending = (one for one in view.me.user.projects if one.status == "pending")
    return next((one for one in pending if named in (None, one.project_id)), None)


def render_invitation(view: View, page: Page, invited: MemberDocument) -> None:
    """Draw a page about the user, or a link to the invitation in place of any other page."""
    if page.path in _PERSONAL_PAGES:
        page.render(view)
        return
    st.title(page.title)
    show_empty(
        f"{invited.invited_by or 'Another user'} invites you to project {invited.project_id} as {invited.role}.",
        f"[Accept the invitation]({view.link('members')}) to see its pages.",
    )
