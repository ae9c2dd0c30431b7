"""Value scopes in the dashboard: the field of the run form, the list, commit and discard."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.pages.run_form import draw_run_form
from qdash_builtin.values.feature import VALUE_SCOPES, VALUES
from qdash_builtin.values.operations.value_scopes import show_value_scope
from qdash_builtin.values.pages import chip_scopes
from qdash_core import CalibConfig, CalibOrchestrator, Parameter
from qdash_core.models.value_change import ScopeStatus

from ...core.bench import CHIP, LINE, make_backend, make_registry, make_task
from ..chips.test_chip_notes import join_texts
from .test_pages import press, read_t1

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from qdash_core.hooks.manager import Registry
    from qdash_core.models.access import Access
    from qdash_core.models.value_change import ValueScopeModel
    from qdash_ui_streamlit.view import View

    from ...ui.conftest import DashboardPages

pytestmark = pytest.mark.slow
SCOPE = "evening"
scopes = partial(chip_scopes.render, chip_id=CHIP)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return make_registry([make_task()], [make_backend()], http_host=True)


@pytest.fixture
def access(dashboard_pages: DashboardPages) -> Access:
    """Owner of a new chip whose T1 is 45.2 µs, and 10 µs in the open scope `evening`."""
    qdash = dashboard_pages.qdash
    access = qdash.access("owner")
    qdash.get(CHIPS).create(access, CHIP, LINE, backend="bench")
    qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(45.2)}, reason="by hand")
    config = CalibConfig(username="owner", chip_id=CHIP, project_id=access.project_id, scope=SCOPE)
    session = CalibOrchestrator(config, qdash)
    session.initialize()
    session.run_task("Measure", "0")
    session.complete()
    return access


def read_scope(pages: DashboardPages, access: Access) -> ValueScopeModel:
    return pages.qdash.get(VALUE_SCOPES).show(access, CHIP, SCOPE).scope


def open_form(pages: DashboardPages, draw: Callable[..., None]) -> AppTest:
    view = pages.view("editor")
    shown = view.ask(show_value_scope, CHIP, SCOPE)

    def render(view: View) -> None:
        draw(view, shown, "key")

    return pages.draw(render, view)


def test_an_open_scope_is_proposed_in_the_form_of_a_run(
    dashboard_pages: DashboardPages, access: Access
) -> None:
    form = partial(draw_run_form, chip_id=CHIP, targets=["0"], task="Measure", key="form")
    page = dashboard_pages.page(form, "editor")
    field = next(one for one in page.text_input if one.label == "Value scope")
    assert field.value == ""
    page = next(one for one in page.button if one.label == SCOPE).click().run()
    assert next(one for one in page.text_input if one.label == "Value scope").value == SCOPE
    page = page.checkbox[0].uncheck().run()
    assert not [one for one in page.text_input if one.label == "Value scope"]


def test_the_page_of_a_chip_shows_the_values_of_a_scope_against_its_own(
    dashboard_pages: DashboardPages, access: Access
) -> None:
    page = dashboard_pages.page(scopes, "viewer", chip=CHIP, scope=SCOPE)
    assert not page.exception
    assert "by owner" in join_texts(page)
    view = dashboard_pages.view("viewer")
    (row,) = chip_scopes.make_value_rows(view, view.ask(show_value_scope, CHIP, SCOPE))
    assert (row["parameter"], row["effect"]) == ("T1", "set")
    assert [row[name].replace("\N{NO-BREAK SPACE}", " ") for name in ("chip", "scope")] == [
        "45.2 µs",
        "10.0(5) µs",
    ]
    assert not {"scopes.commit", "scopes.discard"} & {one.key for one in page.button}


def test_an_editor_commits_a_scope(dashboard_pages: DashboardPages, access: Access) -> None:
    page = dashboard_pages.page(scopes, "editor", chip=CHIP)
    assert {"scopes.commit", "scopes.discard"} <= {one.key for one in page.button}
    page = open_form(dashboard_pages, chip_scopes.draw_commit_form)
    assert "This sets 1 value of the chip." in join_texts(page)
    next(one for one in page.text_input if one.label == "Reason").input("all is well")
    assert not press(page, "scopes.go").exception
    closed = read_scope(dashboard_pages, access)
    assert (closed.status, closed.closed_by) == (ScopeStatus.COMMITTED, "editor")
    assert read_t1(dashboard_pages, access) == 10.0
    page = dashboard_pages.page(scopes, "editor", chip=CHIP)
    assert f"event {closed.event}" in join_texts(page)
    assert "by editor: all is well" in join_texts(page)
    assert not {"scopes.commit", "scopes.discard"} & {one.key for one in page.button}


def test_values_that_changed_since_they_were_shown_are_not_overwritten_by_a_commit(
    dashboard_pages: DashboardPages, access: Access
) -> None:
    page = open_form(dashboard_pages, chip_scopes.draw_commit_form)
    dashboard_pages.qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(33.0)}, reason="meanwhile")
    page = press(page, "scopes.go")
    assert "have changed since this page showed them" in join_texts(page)
    assert read_t1(dashboard_pages, access) == 33.0
    assert read_scope(dashboard_pages, access).status is ScopeStatus.OPEN


def test_an_editor_discards_a_scope(dashboard_pages: DashboardPages, access: Access) -> None:
    page = open_form(dashboard_pages, chip_scopes.draw_discard_form)
    assert not press(page, "scopes.go").exception
    assert read_scope(dashboard_pages, access).status is ScopeStatus.DISCARDED
    assert read_t1(dashboard_pages, access) == 45.2
    assert "discarded" in join_texts(dashboard_pages.page(scopes, "viewer", chip=CHIP))
