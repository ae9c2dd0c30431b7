"""Dashboard without a feature: its pages and sections are gone, and the others work."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from qdash_builtin.issues.pages import new_issue
from qdash_builtin.plugins.pages import plugins
from qdash_builtin.review.pages import review
from qdash_builtin.runs.pages import executions
from qdash_core.errors import AccessDeniedError
from qdash_core.hooks.manager import load_plugins
from qdash_ui_streamlit import dashboard, sections
from qdash_ui_streamlit.page import arrange_pages
from qdash_ui_streamlit.script import main
from qdash_ui_streamlit.session import DashboardSession

from ..api.conftest import run_host
from ..core.chips.samples import make_chip
from .conftest import DashboardPages

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.settings import Settings
    from qdash_ui_streamlit.view import View

FEATURES = load_plugins(blocked=()).features()
NEEDED = ("chips", "home", "runs")
"""Features without which the overview shows the error of the host; other pages work."""


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FEATURES.keys() - {"api", "people", "ui"}))
def test_the_dashboard_is_drawn_without_a_feature(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    registry = load_plugins(blocked=(name,))
    pages = arrange_pages(registry.pages())
    gone = {page.path for feature in FEATURES.values() for page in feature.pages}
    gone -= {page.path for feature in registry.features().values() for page in feature.pages}
    assert {page.path for page in FEATURES[name].pages} <= gone
    assert not {page.path for page in pages.placed} & gone
    assert name not in {plugin for plugin, _ in registry.sections()}
    with run_host(settings, registry) as host:
        view = DashboardPages(host).view("owner")
        known = DashboardSession("", None, view.connection, view.me, time.monotonic())
        monkeypatch.setattr(sections, "get_installed_sections", registry.sections)
        monkeypatch.setattr(dashboard, "get_installed_pages", lambda: pages)
        monkeypatch.setattr(dashboard, "load_session", lambda _url, _project: known)
        drawn = AppTest.from_file(main.__file__, default_timeout=20).run()
    assert not drawn.exception
    if name == "overview":
        assert [one.value for one in drawn.title] == ["Chip"]  # the first page that is left
    elif name not in NEEDED:
        assert [one.value for one in drawn.subheader] == ["First steps"]


@pytest.mark.slow
def test_without_people_the_host_lets_nobody_in(settings: Settings) -> None:
    with (
        run_host(settings, load_plugins(blocked=("people",))) as host,
        pytest.raises(AccessDeniedError, match="no active feature provides the authenticator"),
    ):
        DashboardPages(host).view("owner")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cooldowns", "tags"])
def test_lists_of_a_feature_that_the_host_does_not_offer_are_empty(settings: Settings, name: str) -> None:
    registry = load_plugins(blocked=(name,))
    with run_host(settings, registry) as host:
        answer = host.connect_as("owner").get(f"/{name}")
        drawn = DashboardPages(host).page(executions.render, "owner")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-offered")
    assert not drawn.exception
    assert not drawn.error


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "render", "params"),
    [
        ("metrics", review.render, {"chip": "A"}),
        ("runs", plugins.render, {}),
        ("results", new_issue.render, {"result": "7f3"}),
        ("chips", new_issue.render, {"result": "7f3"}),
        ("runs", new_issue.render, {"execution": "7f3"}),
    ],
)
def test_a_page_leaves_out_only_the_part_of_a_feature_that_the_host_does_not_offer(
    settings: Settings, name: str, render: Callable[[View], None], params: dict[str, str]
) -> None:
    with run_host(settings, load_plugins(blocked=(name,))) as host:
        access = host.qdash.access("owner")
        make_chip(host.qdash.store, "A", project_id=access.project_id)
        drawn = DashboardPages(host).page(render, "owner", **params)
    assert not drawn.exception
    assert not drawn.error
    assert drawn.title
    assert "Settings of the host" not in [one.value for one in drawn.header]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("metrics", "metrics.pages.trends"),
        ("timetables", "timetables.pages.timetables"),
        ("cooldowns", "cooldowns.pages.cryostats"),
        ("tags", "tags.pages.tags"),
        ("issues", "issues.pages.issues"),
        ("notes", "notes.pages.notes"),
        ("files", "files.pages.files"),
    ],
)
def test_a_page_whose_feature_the_host_does_not_offer_names_the_plugin_and_its_package(
    settings: Settings, name: str, module: str
) -> None:
    with run_host(settings, load_plugins(blocked=(name,))) as host:
        access = host.qdash.access("owner")
        make_chip(host.qdash.store, "A", project_id=access.project_id)
        drawn = DashboardPages(host).page(_draw_guarded, "owner", page=module, chip="A")
    (warned,) = {one.value for one in drawn.warning}
    assert f"the host has no active plugin {name} (package qdash-builtin)" in warned
    assert "*Settings → Plugins and health*" in warned
    assert not drawn.error
    assert not drawn.info  # which would say that there are no entries


def _draw_guarded(view: View) -> None:
    from importlib import import_module

    from qdash_ui_streamlit.display.notices import show_errors

    with show_errors():
        import_module(f"qdash_builtin.{view.param('page')}").render(view)
