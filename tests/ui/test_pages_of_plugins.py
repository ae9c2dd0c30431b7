"""Pages of plugins: they appear at the chosen place; a broken one is set aside with the reason, without side
effects.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from pkgutil import resolve_name
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from qdash_builtin.chips.operations.chips import list_chips
from qdash_builtin.people.feature import TOKENS
from qdash_core.features.sections import Section
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.token import TokenScope
from qdash_ui_streamlit import dashboard, sections, session
from qdash_ui_streamlit.page import DEFAULT_PATH, PLUGINS, Page, Pages, arrange_pages
from qdash_ui_streamlit.plugin_guard import MOST_RERUNS
from qdash_ui_streamlit.script import main
from qdash_ui_streamlit.session import COOKIE, DashboardSession
from qdash_ui_streamlit.view import View

from .conftest import InProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_core.features.sections import SectionSubject

    from .conftest import DashboardPages


def draw_nothing(_view: object) -> None:
    pass


def make_plugin_page(**changes: Any) -> Any:
    """Return a page of a plugin."""
    usual = {"title": "Fridge", "icon": "❄️", "group": "", "render": draw_nothing}
    return SimpleNamespace(**{**usual, **changes})


def make_own_page(path: str, group: str = "Chip") -> Page:
    return Page(path.capitalize(), "", group, path, draw_nothing)


def test_every_page_of_a_feature_has_a_function_that_draws_it() -> None:
    pages = [page for feature in load_plugins(blocked=()).features().values() for page in feature.pages]
    assert len(pages) > 30
    for page in pages:
        assert callable(resolve_name(page.drawn_by)), page.title
    assert arrange_pages(pages).set_aside == {}


def test_the_path_of_a_plugin_page_is_made_from_its_title() -> None:
    (page,) = arrange_pages([make_plugin_page(title="Mixing chamber (mK)")]).placed
    assert (page.title, page.icon, page.path) == ("Mixing chamber (mK)", "❄️", "mixing-chamber-mk")


def test_a_page_of_a_plugin_is_in_the_group_that_it_names_or_below_plugins() -> None:
    pages = arrange_pages(
        [
            make_plugin_page(group="Cold"),
            make_own_page("settings", "Settings"),
            make_plugin_page(title="Gas", group="Metrics"),
            make_own_page("metrics", "Metrics"),
            make_own_page("chip"),
        ]
    )
    assert [(page.group, page.path) for page in pages.placed] == [
        ("Chip", "chip"),
        ("Metrics", "gas"),
        ("Metrics", "metrics"),
        ("Settings", "settings"),
        ("Plugins", "fridge"),
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"icon": "not an icon"}, "its icon 'not an icon' is invalid"),
        ({"icon": ":material/no_such_symbol:"}, "its icon"),
        ({"title": "Chip"}, "its path 'chip' is already used by page 'Chip'"),
        ({"path": "cold/fridge"}, "its path 'cold/fridge' may contain only"),
        ({"path": 7}, "its path 7 may contain only"),
        ({"title": "Host"}, "its path 'host' is reserved by the server"),
        ({"render": lambda: None}, "its render function does not accept a view"),
    ],
)
def test_an_invalid_page_is_disabled_with_the_reason(changes: dict[str, Any], why: str) -> None:
    pages = arrange_pages([make_plugin_page(**changes), make_own_page("chip")])
    assert [page.path for page in pages.placed] == ["chip"]
    (said,) = pages.set_aside.values()
    assert said.startswith(why)


def _list_links(drawn: AppTest) -> list[str]:
    """Return the texts of the links to pages in the side bar."""
    (links,) = (one.proto.body for one in drawn.sidebar.get("html") if 'nav class="pages"' in one.proto.body)
    return re.findall(r"</span>([^<]*)</a>", links)


def _make_raising(error: BaseException) -> Callable[[object], None]:
    def render(_view: object) -> None:
        raise error

    return render


def _draw_dashboard(
    monkeypatch: pytest.MonkeyPatch,
    dashboard_pages: DashboardPages,
    page: Page,
    given: Sequence[tuple[str, Section]] = (),
) -> AppTest:
    """Return the dashboard with a page as its first one and sections of plugins, for an owner."""
    monkeypatch.setattr(sections, "get_installed_sections", lambda: given)
    view = dashboard_pages.view("owner")
    known = DashboardSession("", None, view.connection, view.me, time.monotonic())
    monkeypatch.setattr(dashboard, "get_installed_pages", lambda: Pages([page, make_own_page("chip")], {}))
    monkeypatch.setattr(dashboard, "load_session", lambda _url, _project: known)
    return AppTest.from_file(main.__file__, default_timeout=20).run()


@pytest.mark.slow
@pytest.mark.parametrize(
    "error",
    [ValueError("no helium"), SystemExit(3), KeyboardInterrupt(), StopIteration(), ImportError("no driver")],
)
def test_a_page_that_raises_shows_its_error_and_the_side_bar(
    monkeypatch: pytest.MonkeyPatch, dashboard_pages: DashboardPages, error: BaseException
) -> None:
    page = Page("Fridge", "❄️", PLUGINS, DEFAULT_PATH, _make_raising(error))
    drawn = _draw_dashboard(monkeypatch, dashboard_pages, page)
    (said,) = drawn.error
    assert said.value.startswith(f"This page failed: {type(error).__name__}: {error}".strip())
    assert _list_links(drawn) == ["Chip", "Fridge"]
    assert not drawn.exception


@pytest.mark.parametrize(
    ("leaves", "why"),
    [
        (
            lambda _view: st.navigation([st.Page(draw_nothing, title="Mine")]),
            "This page called `st.navigation`",
        ),
        (lambda _view: st.set_page_config(page_title="Mine"), "This page called `st.set_page_config`"),
        (lambda _view: st.switch_page("mine.py"), "This page called `st.switch_page` with a page that"),
        (lambda _view: st.rerun(), "This page called `st.rerun` more than 20 times in a row and was stopped"),
    ],
    ids=["navigation", "title", "page", "rerun"],
)
def test_a_page_that_leaves_the_dashboard_or_reruns_without_end_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
    dashboard_pages: DashboardPages,
    leaves: Callable[[object], None],
    why: str,
) -> None:
    drawn = _draw_dashboard(monkeypatch, dashboard_pages, Page("Fridge", "❄️", PLUGINS, DEFAULT_PATH, leaves))
    (said,) = drawn.error
    assert said.value.startswith(why)
    assert _list_links(drawn) == ["Chip", "Fridge"]


def test_a_page_may_rerun_after_each_action_however_many_there_are(
    monkeypatch: pytest.MonkeyPatch, dashboard_pages: DashboardPages
) -> None:
    def count(_view: object) -> None:
        number = st.session_state.setdefault("number", 0)
        st.title(str(number))
        if number < 5 * (1 + st.session_state.get("pressed", 0)):
            st.session_state["number"] += 1
            st.rerun()
        st.button(
            "Again", on_click=lambda: st.session_state.update(pressed=st.session_state.get("pressed", 0) + 1)
        )

    drawn = _draw_dashboard(monkeypatch, dashboard_pages, Page("Fridge", "", PLUGINS, DEFAULT_PATH, count))
    for _ in range(2 * MOST_RERUNS // 5):
        drawn.button[0].click().run()
    assert not drawn.error
    assert drawn.title[0].value == str(5 + 2 * MOST_RERUNS)


def test_sections_of_the_side_bar_stand_below_its_links(
    monkeypatch: pytest.MonkeyPatch, dashboard_pages: DashboardPages
) -> None:
    def draw(view: View, _subject: SectionSubject) -> None:
        st.caption(f"All is cold for {view.me.user.username}.")

    given = [
        ("cryo", Section("side_bar", "Fridge", draw)),
        ("laser", Section("side_bar", "Laser", "laser:no")),
    ]
    page = Page("Fridge", "", PLUGINS, DEFAULT_PATH, draw_nothing)
    drawn = _draw_dashboard(monkeypatch, dashboard_pages, page, given)
    assert "All is cold for owner." in [one.value for one in drawn.sidebar.caption]
    assert "plugin laser failed" in drawn.sidebar.error[0].value
    assert not drawn.main.error


@pytest.mark.slow
@pytest.mark.parametrize("project", ["nope", "é", "a\r\nb"])
def test_an_unknown_project_shows_a_link_to_the_default_one(
    monkeypatch: pytest.MonkeyPatch, dashboard_pages: DashboardPages, project: str
) -> None:
    page = Page("Fridge", "", PLUGINS, DEFAULT_PATH, lambda view: view.ask(list_chips))
    token, _ = dashboard_pages.qdash.get(TOKENS).create("owner", "browser", scope=TokenScope.READ)
    monkeypatch.setattr(dashboard, "get_installed_pages", lambda: Pages([page], {}))
    monkeypatch.setattr(st, "context", SimpleNamespace(cookies={COOKIE: token}, timezone=None))
    monkeypatch.setattr(session, "get_shared_transport", lambda: InProcess(dashboard_pages.host))
    drawn = AppTest.from_file(main.__file__, default_timeout=20)
    drawn.query_params["project"] = project
    drawn.run()
    assert drawn.warning[0].value.startswith("There is no project")
    assert 'href="/"' in drawn.main.get("html")[-1].proto.body


@pytest.mark.slow
def test_a_page_receives_the_user_and_sends_requests_as_them(
    monkeypatch: pytest.MonkeyPatch, dashboard_pages: DashboardPages
) -> None:
    def render(view: Any) -> None:
        st.title(f"{view.me.user.username} in {view.project_id}, edits: {view.edits}")

    drawn = _draw_dashboard(monkeypatch, dashboard_pages, Page("Fridge", "", PLUGINS, DEFAULT_PATH, render))
    assert drawn.title[0].value == "owner in default, edits: True"


def test_every_attribute_of_a_view_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/plugins/pages.md").read_text("utf-8")
    told = page.partition("## A page of the dashboard")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+)", told))
    assert {name for name in (*View.__dataclass_fields__, *vars(View)) if not name.startswith("_")} <= named


def test_the_example_distribution_adds_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "examples/my-page/src")
    from my_page import plugin  # type: ignore[import-not-found]

    try:
        pages = arrange_pages(load_plugins(extra={"my-page": plugin}, installed_too=False).pages())
    finally:
        for name in [name for name in sys.modules if name.startswith("my_page")]:
            del sys.modules[name]
    (page,) = pages.placed
    assert (page.title, page.path, pages.set_aside) == ("Short T1", "short-t1", {})
