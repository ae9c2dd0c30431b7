"""Settings page: the user's time zone, theme, guide, name, default project and password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args
from zoneinfo import available_timezones

import streamlit as st

from qdash_builtin.people.operations.auth import change_password, set_preferences
from qdash_builtin.people.requests import PasswordRequest, PreferencesRequest
from qdash_core.models.token import TokenScope
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.forms.confirm_action import perform_action
from qdash_ui_streamlit.session import refresh_user

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

Theme = Literal["system", "light", "dark"]
_THEMES = {"system": "System", "light": "Light", "dark": "Dark"}


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
    _draw_appearance(view)
    _draw_account(view)
    _draw_password_form(view)


def _draw_appearance(view: View) -> None:
    st.header("Display", divider="gray")
    user = view.me.user
    zones = ["", *sorted(available_timezones())]
    _restore_field("time_zone", user.time_zone or "")
    st.selectbox(
        "Time zone",
        zones,
        key=_widget_key("time_zone"),
        format_func=lambda zone: zone or f"Default of the host or browser ({view.zone.key})",
        on_change=_save_field,
        args=(view, "time_zone"),
        width=400,
    )
    _restore_field("theme", user.theme)
    st.radio(
        "Theme",
        list(get_args(Theme)),
        key=_widget_key("theme"),
        format_func=_THEMES.__getitem__,
        on_change=_save_field,
        args=(view, "theme"),
        horizontal=True,
    )
    _restore_field("hides_guide", user.hides_guide)
    st.checkbox(
        "Hide the first steps on the overview",
        key=_widget_key("hides_guide"),
        help="Owners and editors see them until all are done",
        on_change=_save_field,
        args=(view, "hides_guide"),
    )


def _draw_account(view: View) -> None:
    st.header("Account", divider="gray")
    user = view.me.user
    mine = ["", *(one.project_id for one in user.projects if one.status == "active")]
    _restore_field("default_project_id", user.default_project_id or "")
    st.selectbox(
        "Default project",
        mine,
        key=_widget_key("default_project_id"),
        format_func=lambda project: project or "none",
        help="Shown when the URL selects no project",
        on_change=_save_field,
        args=(view, "default_project_id"),
        width=400,
    )
    _restore_field("full_name", user.full_name or "")
    st.text_input(
        "Full name",
        key=_widget_key("full_name"),
        max_chars=200,
        on_change=_save_field,
        args=(view, "full_name"),
        width=400,
    )


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


def _widget_key(name: str) -> str:
    return f"settings.{name}"


def _restore_field(name: str, value: str | bool) -> None:
    """Set a field to the stored value."""
    st.session_state[_widget_key(name)] = value


def _save_field(view: View, name: str) -> None:
    """Save a changed preference at the host, and reload the user."""
    value: Any = st.session_state[_widget_key(name)] or None
    if perform_action(lambda: view.ask(set_preferences, body=PreferencesRequest(**{name: value})), "Saved."):
        refresh_user()
