"""A project and a chip in the browser, from their creation to their deletion."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from .dashboard_server import Dashboard
    from .person import Person

pytestmark = pytest.mark.slow


def test_an_editor_creates_a_project_and_a_chip_exports_it_and_deletes_both(
    person: Person, dashboard: Dashboard
) -> None:
    page = person.log_in_directly("ed").open("/projects")
    chosen = page.get_by_test_id("stSidebar").get_by_role("combobox", name="Project")
    page.get_by_role("button", name="New project …").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Project id", exact=True).fill("cold-lab")
    form.get_by_role("button", name="Create project").click()
    page.get_by_role("heading", name="Project cold-lab", exact=True).wait_for()
    expect(chosen).to_have_value("cold-lab")
    chosen.select_option("default")
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    expect(chosen).to_have_value("default")
    chosen.select_option("cold-lab")
    page.get_by_role("heading", name="First steps").wait_for()

    page = person.open("/new-chip?project=cold-lab")
    page.get_by_role("heading", level=1, name="New chip").wait_for()
    page.get_by_role("img", name="Map of the qubits").wait_for()
    page.get_by_text("16 qubits, 15 couplings").wait_for()
    page.get_by_label("Chip id").fill("sixteen")
    page.get_by_label("Chip id").press("Enter")
    page.get_by_role("button", name="Create chip").click()
    page.get_by_role("heading", level=1, name="Chip sixteen").wait_for()

    page.get_by_role("button", name="Manage").click()
    page.get_by_role("link", name="Export").click()
    page.get_by_role("heading", level=1, name="Export").wait_for()
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download sixteen.json").click()
    exported = json.loads(Path(downloaded.value.path()).read_text("utf-8"))
    assert (exported["chip_id"], exported["project_id"], exported["size"]) == ("sixteen", "cold-lab", 16)

    page = person.open("/edit-chip?project=cold-lab&chip=sixteen")
    page.get_by_role("button", name="Delete chip …").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete chip").click()
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    page.get_by_role("heading", name="First steps").wait_for()
    page = person.open("/projects?project=cold-lab")
    page.get_by_role("button", name="Delete project …").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete project").click()
    page.get_by_role("heading", name="Project cold-lab", exact=True).wait_for(state="detached")
    expect(chosen).not_to_have_value("cold-lab")
    audit = dashboard.host.get("/audit?limit=50")["items"]
    assert {("POST", "/chips"), ("DELETE", "/chips/sixteen"), ("DELETE", "/projects/cold-lab")} <= {
        (one["method"], one["path"]) for one in audit if one["username"] == "ed"
    }


def test_a_dialog_follows_a_change_of_the_theme(admin: Person) -> None:
    page = admin.open("/qubit?chip=bench&qubit=1")
    page.get_by_role("button", name="Exclude …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_have_css("color-scheme", "light")
    page.emulate_media(color_scheme="dark")
    expect(dialog).to_have_css("color-scheme", "dark")
