"""The page of a report in Chromium: with the keyboard alone, in both themes, and without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.reports.feature import REPORTS
from qdash_builtin.reports.report_formats import ReportFormat, render_report
from qdash_core import Parameter
from qdash_core.tasks.run_parameters import RunParameter

from ...access import ADMIN
from ...core.bench import CHIP, Bench, make_task

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A report on a chip with figures of a main task on three qubits, and of another one on one."""
    folder = tmp_path_factory.mktemp("report")
    settings = {
        name: RunParameter(value="a_long_setting_" * 4, value_type="str") for name in ("delays", "averages")
    }
    tasks = (
        make_task("T1", {"t1": Parameter(80.0, 1.0, "us")}, parameters=settings),
        make_task("Other", {"x": Parameter(1.0)}),
    )
    bench = Bench.open(folder / "home", "memory://", *tasks)
    for qid in ("0", "1", "2"):
        bench.run("T1", qid)
    bench.run("Other", "0")
    report = bench.qdash.get(REPORTS).make(ADMIN, bench.qdash.get(REPORTS).resolve(ADMIN, CHIP))
    made = folder / "report.html"
    made.write_bytes(b"".join(render_report(report, ReportFormat.HTML)))
    yield made
    bench.qdash.close()


def read_caption(page: Page) -> str:
    return page.locator("dialog[open] p").inner_text()


def test_figures_are_enlarged_and_turned_by_the_keyboard_alone(chromium: Browser, file: Path) -> None:
    page = chromium.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda asked: problems.append(asked.url) if asked.url != file.as_uri() else None)
    page.goto(file.as_uri())
    page.locator("#figures").scroll_into_view_if_needed()
    page.locator("#figures .t0").first.focus()
    page.keyboard.press("Enter")
    assert read_caption(page).startswith("0 T1: accepted · t1 80.0(10) µs")
    assert page.locator("dialog svg text").first.is_visible()
    page.keyboard.press("ArrowRight")
    assert read_caption(page).startswith("1 T1")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert read_caption(page).startswith("2 T1")
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    page.locator(".g.t2:focus").wait_for()
    assert problems == []
    page.close()


def test_a_folded_task_is_filled_when_it_is_opened(chromium: Browser, file: Path) -> None:
    page = chromium.new_page()
    page.goto(file.as_uri())
    folded = page.locator("#figures details", has_text="Other")
    assert folded.locator(".g").count() == 0
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    folded.locator(".g svg path.p").first.wait_for()
    page.close()


def test_the_page_follows_the_theme_and_can_be_read_without_scripts(chromium: Browser, file: Path) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        context = chromium.new_context(color_scheme=scheme, java_script_enabled=False)
        page = context.new_page()
        page.goto(file.as_uri())
        assert page.locator("#figures details[open] .g svg").count() >= 3
        assert page.locator("#measured table").count() == 3
        assert page.locator("#figures > noscript > p").is_visible()
        assert page.locator("#figures .t0").first.is_visible()
        context.close()
        page = chromium.new_page(color_scheme=scheme)
        page.goto(file.as_uri())
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.close()
    assert grounds == ["rgb(255, 255, 255)", "rgb(21, 24, 28)"]


@pytest.mark.parametrize("width", [900, 1440])
def test_the_page_is_not_wider_than_the_window(chromium: Browser, file: Path, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 800})
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("width", [390, 900, 1300])
def test_the_origin_of_values_is_within_a_narrow_page(chromium: Browser, file: Path, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 800})
    page.goto(file.as_uri())
    for folded in page.locator("#measured details").all():
        folded.locator("summary").click()
    page.locator("#measured td").first.wait_for()
    edges = page.locator("#measured td").evaluate_all(
        "cells => cells.map((one) => one.getBoundingClientRect().right)"
    )
    assert max(edges) <= width
    page.close()
