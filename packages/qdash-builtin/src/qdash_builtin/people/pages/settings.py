"""Settings page: the user's time zone, theme, guide, name, default project and password."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import streamlit as st

from qdash_builtin.people.operations.auth import change_password, set_preferences
from qdash_builtin.people.requests import PasswordRequest, PreferencesRequest
from qdash_core.models.token import TokenScope
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.forms.confirm_action import perform_action
from qdash_ui_streamlit.forms.request_form import RequestForm
from qdash_ui_streamlit.session import refresh_user

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


def render(view: View) -> None:
    """Draw the page."""
    st.title("Settings")
    user = view.me.user
    st.markdown(
        f"Logged in as **{user.username}**{f', {escape_markdown(user.full_name)}' if user.full_name else ''}."
    )
    if not view.me.token.scope.includes(TokenScope.WRITE):
        st.info("This token is read-only: log in to change settings.", icon=":material/lock:")
        return
    _draw_preferences(view)
    _draw_password_form(view)


def _draw_preferences(view: View) -> None:
    st.header("Preferences", divider="gray")
    user = view.me.user
    RequestForm(
        view=view,
        model=PreferencesRequest,
        send=lambda body: view.ask(set_preferences, body=body),
        place="settings",
        label="Save",
        present=dict(user),
        version=(user.time_zone, user.theme, user.full_name, user.default_project_id, user.hides_guide),
        fields=("time_zone", "theme", "full_name", "default_project_id", "hides_guide"),
        offered={
            "time_zone": sorted(available_timezones()),
            "default_project_id": [one.project_id for one in user.projects if one.status == "active"],
        },
        then=_apply_preferences,
    ).draw()


def _apply_preferences(_user: object) -> None:
    refresh_user()
    rerun()


def _draw_password_form(view: View) -> None:
    st.header("Password", divider="gray")
    with st.form("password", clear_on_submit=True, border=False):
        old = st.text_input("Current password", type="password", autocomplete="current-password", width=400)
        new = st.text_input("New password", type="password", autocomplete="new-password", width=400)
        again = st.text_input("Confirm new password", type="password", autocomplete="new-password", width=400)
        st.caption("Changing it ends your other login sessions.")
        sent = st.form_submit_button("Change password")
    if not sent:
        return
    if refusal := describe_refusal(old, new, again):
        st.error(refusal, icon=":material/error:")
        return
    perform_action(
        lambda: view.ask(change_password, body=PasswordRequest(old=old, new=new)), "Password changed."
    )


def describe_refusal(old: str, new: str, again: str) -> str | None:
    """Return why a new password is invalid, or None if it can be submitted."""
    if not (old and new):
        return "Enter the current and the new password."
    if new != again:
        return "The new passwords do not match."
    return "The new password equals the current one." if new == old else None
