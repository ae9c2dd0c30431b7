"""Memory of a session: data kept of pages that it has left, and data that sessions share."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any
from weakref import ref

import streamlit as st
from streamlit.testing.v1 import AppTest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.pages.chip_tasks import load_chip_tasks
from qdash_ui_streamlit import dashboard
from qdash_ui_streamlit.display.session_cache import cache_in_session, cache_on_page, forget_other_pages
from qdash_ui_streamlit.page import DEFAULT_PATH, Page, Pages
from qdash_ui_streamlit.script import main
from qdash_ui_streamlit.session import DashboardSession

from ..core.bench import LINE

if TYPE_CHECKING:
    import pytest

    from qdash_ui_streamlit.view import View

    from .conftest import DashboardPages


class Document:
    """Document whose presence in memory a test checks."""

    def rename(self) -> None:
        """Do nothing."""


def test_callbacks_of_widgets_that_the_page_no_longer_has_are_forgotten(
    monkeypatch: pytest.MonkeyPatch, dashboard_pages: DashboardPages
) -> None:
    loaded: dict[str, ref[Document]] = {}
    clicked: list[str] = []

    def render(view: View) -> None:
        shown, document = view.param("shown") or "first", Document()
        loaded[shown] = ref(document)
        st.button(
            "Rename", key=f"rename.{shown}", on_click=lambda: (document.rename(), clicked.append(shown))
        )

    view = dashboard_pages.view("owner")
    known = DashboardSession("", None, view.connection, view.me, time.monotonic())
    page = Page("Documents", "", "Library", DEFAULT_PATH, render)
    monkeypatch.setattr(dashboard, "get_installed_pages", lambda: Pages([page], {}))
    monkeypatch.setattr(dashboard, "load_session", lambda _url, _project: known)
    drawn = AppTest.from_file(main.__file__, default_timeout=20).run()
    gc.collect()
    assert loaded["first"]() is not None
    drawn.query_params["shown"] = "second"
    drawn.run()
    gc.collect()
    assert loaded["first"]() is None
    drawn.button(key="rename.second").click().run()
    assert clicked == ["second"]


def test_a_page_cache_lasts_until_the_user_goes_to_another_page(dashboard_pages: DashboardPages) -> None:
    made: list[str] = []

    def render(view: View) -> None:
        forget_other_pages(str(view.param("page")))
        for cache in (cache_on_page, cache_in_session):
            cache(cache.__name__, view.param("key"), lambda name=cache.__name__: made.append(name))

    drawn = dashboard_pages.page(render, "owner", page="execution", key="1")
    drawn.run()
    assert made == ["cache_on_page", "cache_in_session"]
    made.clear()
    drawn.query_params["page"] = "chip"
    drawn.run()
    drawn.query_params["page"] = "execution"
    drawn.run()
    assert made == ["cache_on_page", "cache_on_page"]
    made.clear()
    drawn.query_params["key"] = "2"
    drawn.run()
    assert made == ["cache_on_page", "cache_in_session"]


def test_sessions_share_the_tasks_of_a_chip_that_the_host_gives_each_of_them(
    dashboard_pages: DashboardPages,
) -> None:
    qdash = dashboard_pages.qdash
    qdash.get(CHIPS).create(qdash.access("owner"), "a", LINE, backend="fake")
    loaded: list[Any] = []
    # The pages are kept, as a browser keeps them: tasks that no session holds are forgotten.
    _pages = [
        dashboard_pages.page(lambda view: loaded.append(load_chip_tasks(view, "a")), username)
        for username in ("owner", "viewer")
    ]
    first, second = loaded
    assert "CheckT1" in {one.name for one in first}
    assert second is first


def test_choices_in_the_url_are_restored_when_a_page_is_opened_without_them() -> None:
    def draw() -> None:
        from typing import cast
        from zoneinfo import ZoneInfo

        import streamlit as st

        from qdash_ui_streamlit.display.session_cache import forget_other_pages
        from qdash_ui_streamlit.forms.query_params import keep_params
        from qdash_ui_streamlit.view import View

        nobody = cast("Any", None)
        page = st.session_state.get("page", "trends")
        forget_other_pages(page)
        if page == "trends":
            keep_params(View(nobody, nobody, "default", ZoneInfo("UTC")), page, "metric", "view")

    def open_page(page: str, **params: str) -> dict[str, str]:
        drawn.session_state["page"] = page
        drawn.query_params.clear()
        drawn.query_params.update(params)
        shown = drawn.run().query_params
        return {name: value if isinstance(value, str) else value[-1] for name, value in shown.items()}

    drawn = AppTest.from_function(draw)
    assert open_page("trends", chip="a", metric="t1") == {"chip": "a", "metric": "t1"}
    open_page("chip", chip="b")
    assert open_page("trends", chip="b") == {"chip": "b", "metric": "t1"}
    open_page("chip")
    assert open_page("trends", view="time") == {"view": "time"}, "a link to one choice names all"
    assert open_page("trends") == {}, "on the page, a user clears a choice"
    open_page("chip")
    assert open_page("trends") == {}
