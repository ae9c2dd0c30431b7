"""Dashboard of one user: login, side bar and the page of the URL."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.delta_generator_singletons import context_dg_stack, get_default_dg_stack_value
from streamlit.proto.RootContainer_pb2 import RootContainer
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.exceptions import ScriptControlException

from qdash_core.errors import InvalidInputError, LoginError
from qdash_core.features.sections import SectionSubject
from qdash_core.operations.transport import ConnectionLostError
from qdash_ui_streamlit.components.account import account
from qdash_ui_streamlit.components.event_rerun import rerun_at_intervals
from qdash_ui_streamlit.components.figure import load_figure_library
from qdash_ui_streamlit.components.links import enable_links
from qdash_ui_streamlit.components.live import show_connection
from qdash_ui_streamlit.components.login import login
from qdash_ui_streamlit.components.search import draw_search
from qdash_ui_streamlit.components.simulated_time import show_simulated_time
from qdash_ui_streamlit.components.tab_title import name_tab
from qdash_ui_streamlit.components.theme import apply_theme
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.display.reruns import draw_said, rerun
from qdash_ui_streamlit.display.session_cache import forget_other_pages
from qdash_ui_streamlit.invitation import find_invitation
from qdash_ui_streamlit.invitation import render_invitation as render_invited
from qdash_ui_streamlit.page import DEFAULT_PATH
from qdash_ui_streamlit.plugin_guard import forget_reruns, guard_streamlit
from qdash_ui_streamlit.process_cache import get_current_settings, get_installed_pages
from qdash_ui_streamlit.sections import draw_sections
from qdash_ui_streamlit.session import COOKIE, forget_session, get_user_zone, load_session, renew_user
from qdash_ui_streamlit.side_bar import draw_group_links, make_side_bar, renew_counts
from qdash_ui_streamlit.stale_widgets import forget_stale_widgets
from qdash_ui_streamlit.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from streamlit.delta_generator import DeltaGenerator

    from qdash_ui_streamlit.page import Page

_RETRY_S = 5.0
"""Time between two attempts to draw a page while the host does not answer, in seconds."""

_SKELETON = '<div class="qdash-skeleton" aria-hidden="true"></div>'
"""Mark of a page that is not completely drawn yet: the styles of all pages have a skeleton below its parts."""
_ICON = Path(__file__).with_name("icon.svg")


def draw_dashboard() -> None:
    """Draw the page of the URL for the user."""
    guard_streamlit()
    # A fragment that ran before in this thread leaves its container: Streamlit would draw the page in it.
    context_dg_stack.set(get_default_dg_stack_value())
    placed: dict[str, Any] = {}
    drawn: Callable[[Page], None] = partial(_draw_page, placed=placed)
    for page in get_installed_pages().placed:
        placed[page.path] = st.Page(
            partial(drawn, page),
            title=page.title,
            url_path=page.path,
            default=page.path == DEFAULT_PATH,
        )
    if not placed:
        st.error(
            "No page is available. Run `qdash plugins list` to see why the plugin of the dashboard is disabled."
        )
        return
    # The side bar is our own: for an icon of a page, Streamlit would load an external picture for
    # the tab.
    st.navigation([*placed.values()], position="hidden").run()
    forget_stale_widgets()


def _draw_page(page: Page, *, placed: Mapping[str, Any]) -> None:
    """Draw a page for the user, or its error; the rest of the dashboard stays usable."""
    st.set_page_config(
        layout="wide", initial_sidebar_state=230, page_title=f"{page.title} · QDash", page_icon=str(_ICON)
    )
    # Streamlit draws a dialog where a page has its first styles: a late message of the dialog would leave the next page blank.
    st.html("<style></style>")
    draw_said()  # before fragments, whose dialogs would take its place there
    forget_other_pages(page.path)
    clock, group_links = st.empty(), st.empty()
    st.html(get_installed_pages().make_title(page))
    skeleton = st.empty()
    skeleton.html(_SKELETON)
    view, n_drawn = None, _count_drawn()
    try:
        view = _create_view(placed)
        if (simulated := view.connection.simulated_time) is not None:
            with clock:
                show_simulated_time(view, simulated)
        invited = find_invitation(view)
        with st.sidebar:
            enable_links(placed)  # first: Streamlit opens a link that is clicked before in a new tab
            if page.has_figures:
                load_figure_library()
            draw_search(view, get_installed_pages())
            side_bar = st.empty()
            _draw_links(view, page, side_bar, group_links)
            if invited is None:
                _draw_side_bar_sections(view)
                show_connection(view)
            name_tab(page.title)
            account(view)
            apply_theme(view.me.user.theme, placed)
        if invited is None:
            n_drawn = _count_drawn()
            page.render(view)
            forget_reruns()
        else:
            render_invited(view, page, invited)
        skeleton.empty()
        _renew(view, page, side_bar, group_links)
    except LoginError:
        forget_session()
        skeleton.empty()
        if view is not None:  # the session ended while the page was drawn: draw no side bar beside the form
            rerun()
        login(has_ended=COOKIE in st.context.cookies)
        return
    except ScriptControlException:
        raise
    except BaseException as error:  # noqa: BLE001  any error of a page, including SystemExit
        skeleton.empty()
        _draw_error(page, view, error, has_title=_count_drawn() > n_drawn)
    theirs = view is not None and view.me.project_id is not None
    if st.query_params.get("project") and not theirs:  # all links of the side bar lead to that project
        st.html('<a href="/">Go to your default project</a>')
    draw_said()


def _renew(view: View, page: Page, side_bar: DeltaGenerator, group_links: DeltaGenerator) -> None:
    """Load user and numbers again if they are old, and draw what has changed: a page does not wait for them."""
    if renew_user():
        rerun()
    if renew_counts(view, get_installed_pages()):
        _draw_links(view, page, side_bar, group_links)


def _draw_links(view: View, page: Page, side_bar: DeltaGenerator, group_links: DeltaGenerator) -> None:
    """Draw the links to all pages and to those of the group, with the known numbers."""
    side_bar.html(make_side_bar(view, get_installed_pages(), page))
    if find_invitation(view) is None:
        with group_links:
            draw_group_links(view, get_installed_pages(), page)


def _draw_error(page: Page, view: View | None, error: BaseException, *, has_title: bool) -> None:
    """Draw the error of a page, below its title; try again while the host is away."""
    if not has_title:
        st.title(page.title)
    show_problem(error, step="" if view is None else _find_step(view, page, error), may_retry=True)
    if isinstance(error, ConnectionLostError):
        _retry_page(iter((True,)))


def _count_drawn() -> int:
    """Return the number of elements that were drawn in the main part of the page."""
    context = get_script_run_ctx()
    cursor = None if context is None else context.cursors.get(RootContainer.MAIN)
    return 0 if cursor is None else cursor.index


def _find_step(view: View, page: Page, error: BaseException) -> str:
    """Return a link away from a page whose object does not exist or is invalid: to the list of its group, else to the page itself."""
    if not isinstance(error, InvalidInputError):
        return ""
    view.forget_chip()  # otherwise the next page would be about the same chip
    own = get_installed_pages().list_groups().get(page.group, ()) if page.hidden else ()
    other = next(iter(own), page)
    return f"[Open {other.title}]({view.link(other.path)})"


@fragment
def _retry_page(first: Iterator[bool]) -> None:
    """Draw the page again at intervals, until the host answers. `first` yields once."""
    rerun_at_intervals("host-away", _RETRY_S)
    if not next(first, False):
        rerun()


def _draw_side_bar_sections(view: View) -> None:
    if view.me.project_id is None:
        return
    target = view.param("qubit") or view.param("coupling") or view.param("target")
    subject = SectionSubject(view.param("chip"), target, view.param("result"), view.param("execution"))
    draw_sections(view, "side_bar", subject)


def _create_view(placed: Mapping[str, Any]) -> View:
    named = st.query_params.get("project") or None
    found = load_session(str(get_current_settings().api_url), named)
    zone = get_user_zone(found.me, get_current_settings().timezone)
    return View(found.connection, found.me, found.me.project_id or "-", zone, placed)
