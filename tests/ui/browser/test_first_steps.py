"""First steps of a new laboratory in the browser: from nothing to a calibrated twin, left and resumed, hidden and brought back."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ...journeys.command_line import CommandLine
from ...journeys.hosts import run_host
from .dashboard_server import serve_dashboard
from .person import Person

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from ...journeys.command_line import Prepared

pytestmark = pytest.mark.slow


def test_the_first_page_leads_from_nothing_to_a_calibrated_twin(
    prepared_streams: Prepared, chromium: Browser, tmp_path: Path
) -> None:
    qdash = CommandLine(prepared_streams, tmp_path, tmp_path / "home")
    with ExitStack() as stack:
        admin = stack.enter_context(run_host(qdash)).set_up()
        err = stack.enter_context((tmp_path / "said-worker").open("w"))
        stack.enter_context(qdash.start("worker", stdout=err, stderr=err))
        person = Person.with_browser(chromium, stack.enter_context(serve_dashboard(qdash, admin.url)))
        page = person.log_in_directly("admin").open("/")
        expect(page.get_by_text("0 of 5 done")).to_be_visible()
        page.get_by_label("Chip id").fill("first")
        page.get_by_label("Size").click()
        page.get_by_role("option", name="7 qubits, as jakarta").click()
        person.wait_until_drawn()
        expect(page.get_by_label("Chip id")).to_have_value("first")  # what was typed stays
        page.get_by_role("button", name="Create chip").click()

        page.get_by_text("1. Create a simulated chip: done").wait_for()
        page.get_by_role("slider").press("Home")  # one qubit
        person.wait_until_drawn()
        page.get_by_role("button", name="Calibrate", exact=True).click()
        page.locator("section.run").or_(page.get_by_text("2. Calibrate it: done")).first.wait_for()
        person.open("/chip")  # the steps can be left
        person.open("/")
        page.get_by_text("3. Check the result: done").wait_for(timeout=150_000)
        person.wait_until_drawn()
        page.get_by_role("link", name="the map with the values").click()
        page.get_by_role("heading", level=1, name="Chip first").wait_for()

        person.open("/").get_by_role("button", name="Hide first steps").click()
        page.get_by_role("heading", name="First steps").wait_for(state="detached")
        page = person.open("/settings")
        page.get_by_role("combobox", name="Hide the first steps on the overview").click()
        page.get_by_role("option", name="no").click()
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("Saved.").wait_for()
        person.open("/").get_by_text("4. Connect your instrument: to do").wait_for()
        page.context.close()
