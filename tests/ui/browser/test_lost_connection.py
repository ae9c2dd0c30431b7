"""A dashboard whose host is slow, or dies and restarts."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ...journeys.command_line import CommandLine
from ...journeys.hosts import free_port, run_host
from .dashboard_server import serve_dashboard
from .person import Person

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from ...journeys.command_line import Prepared

pytestmark = pytest.mark.slow
_HAS_OUTLINE = """() => {
  const shows = (selector, text) =>
    [...document.querySelectorAll(selector)].some((one) => one.checkVisibility() && one.textContent.includes(text));
  const below = document.querySelector(".stMainBlockContainer > [data-testid=stVerticalBlock]");
  const has_skeleton = below && getComputedStyle(below).backgroundImage !== "none";
  return shows(".qdash-title, h1", "Executions") && shows("nav[aria-label=Pages] a", "Settings") && has_skeleton;
}"""
"""Condition of a page that waits for the host: title, links and skeleton are there."""


def test_a_page_reports_an_unreachable_host_and_recovers(
    prepared_streams: Prepared, chromium: Browser, tmp_path: Path
) -> None:
    qdash = CommandLine(prepared_streams, tmp_path, tmp_path / "home")
    qdash.does("twin", "create", "lone", "--device", "jakarta")
    port = free_port()
    with ExitStack() as stack, ExitStack() as first:
        admin = first.enter_context(run_host(qdash, port=port)).set_up()
        person = Person.with_browser(chromium, stack.enter_context(serve_dashboard(qdash, admin.url)))
        page = person.log_in_directly("admin").open("/chip?chip=lone")
        page.locator(".live[data-state=live]").wait_for()

        first.close()
        page.get_by_text("no connection since").wait_for()
        page.get_by_role("link", name="Executions").click()
        page.get_by_text("cannot be reached").first.wait_for()
        page.get_by_role("button", name="Try again").first.wait_for()
        page.get_by_role("link", name="Chip", exact=True).wait_for()

        stack.enter_context(run_host(qdash, port=port))
        page.locator(".live[data-state=live]").wait_for()
        page.get_by_text("No executions match the filters").or_(page.locator("table")).first.wait_for()
        page.get_by_role("link", name="Chip", exact=True).click()
        page.get_by_role("heading", level=1, name="Chip lone").wait_for()
        page.context.close()


def test_a_page_shows_its_title_its_links_and_a_skeleton_before_the_host_answers(
    prepared_streams: Prepared, chromium: Browser, tmp_path: Path
) -> None:
    qdash = CommandLine(prepared_streams, tmp_path, tmp_path / "home")
    with ExitStack() as stack:
        host = stack.enter_context(run_host(qdash))
        admin = host.set_up()
        person = Person.with_browser(chromium, stack.enter_context(serve_dashboard(qdash, admin.url)))
        page = person.log_in_directly("admin").open("/flows")
        expect(page.locator(".qdash-skeleton")).to_have_count(0)
        for opened in (
            lambda: page.get_by_role("link", name="Executions").click(),
            lambda: page.goto(f"{person.url}/executions", wait_until="commit"),
        ):
            host.process.send_signal(signal.SIGSTOP)
            try:
                opened()
                page.wait_for_function(_HAS_OUTLINE)  # a locator would wait for the end of the run
            finally:
                host.process.send_signal(signal.SIGCONT)
            page.get_by_role("heading", level=1, name="Executions").wait_for()
            person.wait_until_drawn()
            expect(page.locator(".qdash-skeleton")).to_have_count(0)
        page.context.close()
