"""Settings of who looks: time zone and theme, which apply at once, what they are called, and their password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args
from zoneinfo import available_timezones

import streamlit as st

from qdash_client.generated.api.auth import change_password, set_preferences
from qdash_client.generated.models.password_request import PasswordRequest
from qdash_client.generated.models.preferences_request import PreferencesRequest
from qdash_core.models.token import TokenScope
from qdash_ui_streamlit.forms.doing import done
from qdash_ui_streamlit.session import look_again
from qdash_ui_streamlit.showing.plain import plain

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

Theme = Literal["system", "light", "dark"]
_THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}


def render(view: View) -> None:
    """Draw the page."""
    st.title("Settings")
    user = view.me.user
    st.markdown(f"You are **{user.username}**{f', {plain(user.full_name)}' if user.full_name else ''}.")
    if not view.me.token.scope.includes(TokenScope.WRITE):
        st.info("By this token you look only: log in to change something.", icon=":material/lock:")
        return
    _looks(view)
    _person(view)
    _password(view)


def _looks(view: View) -> None:
    st.header("Times and colours", divider="gray")
    user = view.me.user
    zones = ["", *sorted(available_timezones())]
    _kept("time_zone", user.time_zone or "")
    st.selectbox(
        "Time zone",
        zones,
        key=_key("time_zone"),
        format_func=lambda zone: zone or f"As the host or the browser has it ({view.zone.key})",
        on_change=_changed,
        args=(view, "time_zone"),
        width=400,
    )
    _kept("theme", user.theme)
    st.radio(
        "Theme",
        list(get_args(Theme)),
        key=_key("theme"),
        format_func=_THEMES.__getitem__,
        on_change=_changed,
        args=(view, "theme"),
        horizontal=True,
    )


def _person(view: View) -> None:
    st.header("You", divider="gray")
    user = view.me.user
    mine = ["", *(one.project_id for one in user.projects if one.status == "active")]
    _kept("default_project_id", user.default_project_id or "")
    st.selectbox(
        "Default project",
        mine,
        key=_key("default_project_id"),
        format_func=lambda project: project or "none",
        help="The one that is shown where an address names none",
        on_change=_changed,
        args=(view, "default_project_id"),
        width=400,
    )
    _kept("full_name", user.full_name or "")
    st.text_input(
        "Full name",
        key=_key("full_name"),
        max_chars=200,
        on_change=_changed,
        args=(view, "full_name"),
        width=400,
    )


def _password(view: View) -> None:
    st.header("Password", divider="gray")
    with st.form("password", clear_on_submit=True, border=False):
        old = st.text_input("Current password", type="password", autocomplete="current-password", width=400)
        new = st.text_input("New password", type="password", autocomplete="new-password", width=400)
        again = st.text_input("The same again", type="password", autocomplete="new-password", width=400)
        st.caption("Where you are logged in elsewhere, that ends.")
        sent = st.form_submit_button("Change the password")
    if not sent:
        return
    if refusal := refused(old, new, again):
        st.error(refusal, icon=":material/error:")
        return
    done(
        lambda: view.ask(change_password, body=PasswordRequest(old=old, new=new)), "The password is changed."
    )


def refused(old: str, new: str, again: str) -> str | None:
    """Return why a password is not asked to be changed; None: it is."""
    if not (old and new):
        return "Say the password as it is, and as it is to be."
    if new != again:
        return "The two new passwords are not the same: type them again."
    return "The new password is the old one." if new == old else None


def _key(name: str) -> str:
    return f"settings.{name}"


def _kept(name: str, value: str) -> None:
    """Let a field show what the host keeps."""
    st.session_state[_key(name)] = value


def _changed(view: View, name: str) -> None:
    """Keep what somebody chose with them at the host; the page that follows has it."""
    value: Any = st.session_state[_key(name)] or None
    body = PreferencesRequest(**{name: value})
    if done(lambda: view.ask(set_preferences, body=body), "It is kept."):
        look_again()
