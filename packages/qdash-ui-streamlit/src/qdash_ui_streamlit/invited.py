"""Who is invited to a project and has not answered: what they find in place of its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_ui_streamlit.showing.states import empty

if TYPE_CHECKING:
    from qdash_core.documents.people import MemberDocument
    from qdash_ui_streamlit.page import Page
    from qdash_ui_streamlit.view import View

_OF_ONESELF = ("members", "settings")
"""Pages that ask for no project."""


def invitation(view: View) -> MemberDocument | None:
    """Return what who looks is invited to, where the project that is looked at is not theirs; None: nothing, or it is."""
    if view.me.role is not None:
        return None
    named = view.param("project")
    pending = (one for one in view.me.user.projects if one.status == "pending")
    return next((one for one in pending if named in (None, one.project_id)), None)


def render(view: View, page: Page, invited: MemberDocument) -> None:
    """Draw a page that is of oneself, and for any other the way to the answer."""
    if page.path in _OF_ONESELF:
        page.render(view)
        return
    st.title(page.title)
    empty(
        f"{invited.invited_by or 'Somebody'} invites you to project {invited.project_id} as {invited.role}.",
        f"Its pages are yours to see when you have [accepted]({view.link('members')}).",
    )
