"""Who looks, at which project, and the way out: at the foot of the side bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_ui_streamlit.components.assets import component
from qdash_ui_streamlit.page import DEFAULT

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

_HTML = """<div class="account">
<div class="who"></div>
<label>Project <select></select></label>
<button type="button">Log out</button>
<p role="alert"></p>
</div>"""
_account = component("account", html=_HTML)


def account(view: View) -> None:
    """Show who looks, let them choose among their projects, and log out."""
    user = view.me.user
    theirs = sorted(one.project_id for one in user.projects if one.status == "active")
    found = _account(
        key="qdash.account",
        data={
            "username": user.username,
            "name": user.full_name or user.username,
            "role": view.me.role or "not a member",
            "project": view.project_id,
            "projects": theirs,
        },
        on_project_change=lambda: None,
    )
    if found.project and found.project != view.project_id:
        st.session_state.pop("qdash.chip", None)
        view.go(DEFAULT, project=None if found.project == user.default_project_id else found.project)
