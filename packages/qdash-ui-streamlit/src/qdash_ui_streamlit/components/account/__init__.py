"""Account panel at the bottom of the side bar: user, project and logout."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

_HTML = """<div class="account">
<div class="who"></div>
<label>Project <select></select></label>
<button type="button">Log out</button>
<p role="alert"></p>
</div>"""
_account = make_component(__file__, html=_HTML, parts=("sentences",))


def account(view: View) -> None:
    """Show the user, with a choice of their projects and a logout button."""
    user = view.me.user
    theirs = sorted(one.project_id for one in user.projects if one.status == "active")
    _account(
        key="qdash.account",
        data={
            "name": user.full_name or user.username,
            "role": view.me.role or "not a member",
            "project": view.project_id,
            "hrefs": {project: f"/?{urlencode({'project': project})}" for project in theirs},
        },
    )
