"""Links from the names of chips, executions and users, wherever they are shown."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Literal

from qdash_ui_streamlit.display.lines import format_link

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

ObjectKind = Literal["chip", "execution", "user"]
_PAGES: dict[ObjectKind, tuple[str, str]] = {
    "chip": ("chip", "chip"),
    "execution": ("execution", "execution"),
    "user": ("executions", "user"),
}
"""Page of each kind of object, and its query parameter; a user's name links to their executions."""


def make_object_url(view: View, kind: ObjectKind, name: str | None) -> str | None:
    """Return the URL of an object, or None without a name or if the page is not installed."""
    page, param = _PAGES[kind]
    return view.link(page, **{param: name}) if name and page in view.pages else None


def format_object(view: View, kind: ObjectKind, name: str) -> str:
    """Return the name of an object as HTML, a link to it if its page is installed."""
    address = make_object_url(view, kind, name)
    return escape(name) if address is None else format_link(address, name)
