"""The dashboard as one person sees it: who looks, where they are, and the page that is there."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.runtime.scriptrunner_utils.exceptions import ScriptControlException

from qdash_core.errors import LoginError
from qdash_core.hooks.manager import load_plugins
from qdash_core.settings import Settings, load_settings
from qdash_ui_streamlit.components.links import links
from qdash_ui_streamlit.components.live import live
from qdash_ui_streamlit.components.login import login
from qdash_ui_streamlit.components.theme import theme
from qdash_ui_streamlit.page import DEFAULT, Page, Pages, arranged
from qdash_ui_streamlit.session import forget, session, zone_of
from qdash_ui_streamlit.showing.states import problem
from qdash_ui_streamlit.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@cache
def settings() -> Settings:
    """Return the settings in force in this process."""
    return load_settings()


@cache
def pages() -> Pages:
    """Return the pages that are installed, and what of plugins cannot be shown, with the reason."""
    registry = load_plugins()
    found = arranged(registry.pages())
    failed = {f"plugin {one.name}": one.error for one in registry.plugins if one.error}
    return Pages(found.placed, {**failed, **found.set_aside})


def draw() -> None:
    """Draw the page that the address names, for who looks."""
    st.set_page_config(layout="wide", page_title="QDash")
    placed: dict[str, Any] = {}
    drawn: Callable[[Page], None] = partial(_page, placed=placed)
    for page in pages().placed:
        placed[page.path] = st.Page(
            partial(drawn, page),
            title=page.title,
            icon=page.icon or None,
            url_path=page.path,
            default=page.path == DEFAULT,
            visibility="hidden" if page.hidden else "visible",
        )
    groups: dict[str, list[Any]] = {}
    for page in pages().placed:
        groups.setdefault(page.group, []).append(placed[page.path])
    st.navigation(groups).run()


def _page(page: Page, *, placed: Mapping[str, Any]) -> None:
    """Draw a page for who looks. What goes wrong is told in its place; the rest of the dashboard lives on."""
    try:
        view = _view(placed)
        with st.sidebar:
            live(view)
            links()
            theme(view.me.user.theme, placed)
        page.render(view)
    except LoginError:
        forget()
        login()
    except (ScriptControlException, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001  whatever a page raises, SystemExit included
        problem(error)


def _view(placed: Mapping[str, Any]) -> View:
    named = st.query_params.get("project") or None
    found = session(str(settings().api_url), named)
    zone = zone_of(found.me, settings().timezone)
    return View(found.client, found.me, found.me.project_id or "-", zone, placed)
