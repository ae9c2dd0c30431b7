"""Page of projects: the list, new ones, and the edit and deletion of the selected one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.people.feature import PROJECTS
from qdash_builtin.people.operations.projects import show_project
from qdash_builtin.people.pages import projects
from qdash_core.models.token import TokenScope
from qdash_ui_streamlit.view import View

if TYPE_CHECKING:
    import pytest
    from streamlit.testing.v1 import AppTest

    from ...ui.conftest import DashboardPages


def press(page: AppTest, label: str) -> AppTest:
    return next(one for one in page.button if one.label == label).click().run()


def fill(page: AppTest, label: str, text: str) -> None:
    next(one for one in page.text_input if one.label == label).input(text)


def list_buttons(page: AppTest) -> set[str]:
    assert not page.exception
    assert not page.error
    return {one.label for one in page.button}


def test_a_project_is_created_and_edited_and_its_deletion_is_confirmed(
    dashboard_pages: DashboardPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[Any] = []
    monkeypatch.setattr(View, "go", lambda _view, _path, **params: went.append(params["project"]))
    qdash = dashboard_pages.qdash
    page = dashboard_pages.page(projects.draw_project_form, "editor")
    press(page, "Create project")
    assert [one.value for one in page.error] == ["Enter a value."]
    fill(page, "Project id", "cold")
    fill(page, "Labels", "He, 10 mK")
    press(page, "Create project")
    assert went == ["cold"]
    access = qdash.access("editor", "cold")
    assert qdash.get(PROJECTS).show(access).project.tags == ["He", "10 mK"]
    fill(page, "Project id", "cold")
    press(page, "Create project")
    assert "There is a project 'cold' already" in page.error[0].value

    chosen = dashboard_pages.host.connect_as("editor").patch("/auth/me", json={"default_project_id": "cold"})
    assert chosen.status_code == 200
    own = dashboard_pages.page(projects.render, "editor")
    assert [one.value for one in own.header] == ["Project cold"]
    next(one for one in own.text_area if one.label == "Description").input("Below <b>4 K</b>")
    press(own, "Save")
    assert qdash.get(PROJECTS).show(access).project.description == "Below <b>4 K</b>"
    assert any("Below &lt;b&gt;4 K" in one.proto.body for one in own.get("html"))
    own_view = dashboard_pages.view("editor")
    stale = own_view.ask(show_project, "cold")
    page = dashboard_pages.draw(lambda view: projects.draw_edit_form(view, stale, '"1"'), own_view)
    fill(page, "Name", "Cold lab")
    press(page, "Save")
    assert "was changed" in page.error[0].value
    press(own, "Delete project …")
    assert [one.label for one in own.button][-2:] == ["Delete project", "Go back"]
    assert any("is deleted with its memberships" in one.value for one in own.markdown)


def test_only_owners_edit_a_project_and_the_default_one_stays(dashboard_pages: DashboardPages) -> None:
    assert list_buttons(dashboard_pages.page(projects.render, "viewer")) == {"New project …", "Leave"}
    owner = dashboard_pages.page(projects.render, "owner")
    assert list_buttons(owner) == {"New project …", "Leave", "Save"}
    assert any("cannot be deleted" in one.value for one in owner.caption)
    reading = dashboard_pages.view("viewer", TokenScope.READ)
    assert list_buttons(dashboard_pages.draw(projects.render, reading)) == set()
