"""Pages of a chip after a drive line died at night: each count opens a list of that length."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import expect

from ...journeys.command_line import CommandLine
from ...journeys.hosts import run_host
from .dashboard_server import serve_dashboard
from .person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

    from ...journeys.command_line import Prepared


CHIP = "night"
_FAULTS = ("dead-line=9@12", "t1-fall=5:6@12", "t1-fall=10:6@12")
"""After 12 hours a drive line dies, and the T1 of two qubits falls, which flags their results."""
_COMMANDS = (
    (
        *("twin", "create", CHIP, "--device", "square-lattice-mux-16", "--seed", "5", "--drift"),
        *(part for fault in _FAULTS for part in ("--fault", fault)),
    ),
    # The evening only has to give values.
    ("calibrate", CHIP, "--flow", "bring-up", "--tag", "evening", "--no-repeat"),
    ("twin", "wait", CHIP, "--hours", "14"),
    ("calibrate", CHIP, "--flow", "check", "--tag", "morning"),
    ("chip", "exclude", CHIP, "12", "--note", "drifts with the pump"),
    ("chip", "exclude", CHIP, "3", "--dead", "--note", "broken bond of the drive line"),
)
_MAP = "svg.map[aria-busy=false]"
_COUNTED = re.compile(r"^\d+\s(accepted|flagged|failed|skipped|with inputs)")


@pytest.fixture(scope="module")
def reader(
    chromium: Browser, prepared_streams: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    """A user of 16 qubits after the night: 9 failed, 3 is dead, 12 excluded, T1 of 5 and of 10 flagged."""
    folder = tmp_path_factory.mktemp("night")
    qdash = CommandLine(prepared_streams, folder, folder / "home")
    for command in _COMMANDS:
        qdash.does(*command)
    with ExitStack() as stack:
        host = stack.enter_context(run_host(qdash)).set_up()
        url = stack.enter_context(serve_dashboard(qdash, host.url))
        person = Person.with_browser(chromium, url).log_in_directly("admin")
        yield person
        person.page.context.close()


def list_counts(links: Locator) -> list[tuple[int, str]]:
    """Return the number and the address of each link that is a count."""
    links.first.wait_for()
    found = [
        (one.get_attribute("data-count") or one.inner_text(), one.get_attribute("href"))
        for one in links.all()
    ]
    return [(int(re.search(r"\d+", text)[0]), address or "") for text, address in found]  # type: ignore[index]


def count_rows(reader: Person, address: str) -> int:
    """Return the number of rows of the last table at an address, with those that its buttons load; of values of all metrics, whose rows are
    targets, the number that the list counts.
    """
    page = reader.open(address)
    if "view=values" in address and "metric=" not in address:
        page.locator("tbody tr").first.wait_for()
        listed = page.locator("nav.views a[aria-current]").last.text_content() or ""
        return int(re.findall(r"\d+", listed)[0])
    more = page.get_by_role("button", name=re.compile("Load 200 more"))
    rows = page.locator("tbody").last.locator("tr:has(td:not(.empty))")
    rows.first.wait_for()
    while more.count():
        before = rows.count()
        more.click()
        expect(rows).not_to_have_count(before)
        reader.wait_until_drawn()
    left = page.locator("button.more").last.text_content() or ""
    return rows.count() + int((re.findall(r"\d+", left) or ["0"])[0])


@pytest.mark.release
def test_every_count_of_the_overview_opens_exactly_what_it_counts(reader: Person) -> None:
    page = reader.open("/")
    counts = list_counts(page.locator(".digest a").filter(has_text=_COUNTED))
    assert len(counts) >= 5
    assert {address: count_rows(reader, address) for _, address in counts} == {
        address: count for count, address in counts
    }


@pytest.mark.release
def test_every_count_of_an_execution_opens_exactly_these_results(reader: Person) -> None:
    page = reader.open("/")
    counts = list_counts(page.locator("td.states a"))
    words = page.locator("td.states").first.inner_text().split()
    assert [word for word in words if word.isalpha()] == ["accepted", "flagged", "failed", "skipped"]
    assert {address: count_rows(reader, address) for _, address in counts} == {
        address: count for count, address in counts
    }


@pytest.mark.parametrize(
    "metric",
    [pytest.param("t1", marks=pytest.mark.slow), pytest.param("rabi_frequency", marks=pytest.mark.release)],
)
def test_every_count_of_the_map_opens_exactly_what_it_counts(reader: Person, metric: str) -> None:
    page = reader.open(f"/chip?chip={CHIP}&metric={metric}")
    page.locator(_MAP).wait_for()
    counts = list_counts(page.locator(".key a[data-count]"))
    assert len(counts) >= 4
    assert {address: count_rows(reader, address) for _, address in counts} == {
        address: count for count, address in counts
    }


def list_signs(page: Page, target: str) -> list[str]:
    signs = page.get_by_test_id(f"target-{target}").get_attribute("data-signs") or ""
    return [one for one in signs.split(",") if one]


@pytest.mark.slow
def test_the_map_shows_what_is_wrong_by_signs_and_words(reader: Person) -> None:
    page = reader.open(f"/chip?chip={CHIP}&metric=t1")
    page.locator(_MAP).wait_for()
    assert list_signs(page, "9")[0] == "failed"
    assert list_signs(page, "3") == ["dead"]
    assert list_signs(page, "12") == ["excluded"]
    assert "flagged" in list_signs(page, "5")
    failed = page.get_by_test_id("target-9")
    expect(failed).to_have_attribute("aria-label", re.compile("failed: CheckRabi failed: "))
    expect(page.get_by_test_id("target-5")).to_have_attribute(
        "aria-label", re.compile("flagged result awaits a decision: CheckT1 ")
    )
    failed.click()
    panel = page.get_by_test_id("panel")
    panel.get_by_text(re.compile("failed since .*: CheckRabi failed")).wait_for()
    panel.get_by_role("link", name="open the result").click()
    page.get_by_role("heading", level=1, name="CheckRabi on qubit 9").wait_for()


@pytest.mark.slow
def test_the_overview_judges_the_chip_and_marks_what_failed_on_its_map(reader: Person) -> None:
    page = reader.open("/")
    expect(page.locator(".night-judgement")).to_contain_text(
        "13 of 16 qubits may be used (2 degraded), 1 may not: 9 (CheckRabi failed), 2 set aside."
    )
    night = page.get_by_test_id("night-map")
    for target, fitness, signs in (
        ("9", "unfit", "failed"),
        ("3", "dead", "changed"),
        ("5", "degraded", "flagged"),
    ):
        mark = night.locator(f"[data-id='{target}']")
        expect(mark).to_have_attribute("data-fitness", fitness)
        expect(mark).to_have_attribute("data-signs", re.compile(signs))
    expect(page.locator("[data-mark=failed]")).to_have_text("1 failed")
    page.get_by_text("Check the lines of 9, then measure again, or exclude").wait_for()
    night.locator("[data-id='0']").press("ArrowRight")
    expect(night.locator("[data-id='0-1']")).to_be_focused()
    night.locator("[data-id='9']").click()
    page.get_by_role("heading", level=1, name="Qubit 9").wait_for()


@pytest.mark.slow
def test_the_night_before_is_one_click_away(reader: Person) -> None:
    page = reader.open("/")
    page.locator(".night-judgement").wait_for()
    page.get_by_role("button", name="Previous night").click()
    page.get_by_text("exists only since").wait_for()
    assert "until=" in reader.address
    page.get_by_role("button", name="Next night").click()
    page.locator(".night-judgement").wait_for()


@pytest.mark.release
def test_what_changed_in_the_last_run_is_told_on_the_map_and_on_the_fits(reader: Person) -> None:
    page = reader.open("/")
    page.get_by_role("link", name="Changes", exact=True).press("Enter")
    page.get_by_role("heading", level=1, name="Compare").wait_for()
    page.get_by_text("appeared").first.wait_for()
    page.get_by_role("link", name="start of the last run").press("Enter")
    page.get_by_text("9: now failed, was calibrated").wait_for()
    page.locator(".js-plotly-plot").wait_for()
    page.get_by_role("row").filter(has_text=re.compile(r"[▲▼]")).first.wait_for()
    (before,) = parse_qs(urlsplit(page.url).query)["before"]

    page = reader.open("/")
    page.get_by_role("link", name="Fits", exact=True).press("Enter")
    page.locator(".sheet svg").first.wait_for()
    for task, cell in (
        ("CheckRabi", "9: failed, newly failed"),
        ("CheckRamsey", re.compile("5: .* moved ")),
    ):
        page = reader.open(f"/chip?chip={CHIP}&view=figures&task={task}&changed_since={quote(before)}")
        page.get_by_role("link", name=cell).first.wait_for()
    page.get_by_text("Mark changes since").click()
    expect(page.locator(".cell.changed")).to_have_count(0)


@pytest.mark.slow
def test_the_page_of_a_failed_qubit_shows_the_reason_and_the_marks_of_its_values(reader: Person) -> None:
    page = reader.open(f"/qubit?chip={CHIP}&qubit=9&metric=rabi_frequency")
    page.get_by_text(re.compile("failed since .*: CheckRabi failed")).wait_for()
    mark = page.locator("td.states a", has_text="last failed").first
    expect(mark).to_contain_text("CheckRabi failed")
    expect(mark).to_have_attribute("href", re.compile(r"/result\?result="))
    page.locator(".js-plotly-plot", has_text="in use (✗ last failed").wait_for()
