"""Dashboard of a home with a simulated clock: each page shows its time, and open pages follow it."""

from __future__ import annotations

import re
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from qdash_core.models.simulated_time import describe_simulated_time
from qdash_core.process.clock import CLOCK_FILE, SimulatedClock

from ...journeys.command_line import CommandLine
from ...journeys.hosts import run_host
from .dashboard_server import serve_dashboard
from .person import Person
from .test_every_page import find_cut_off, find_violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator

    from ...journeys.command_line import Prepared

pytestmark = pytest.mark.slow
ZONE = ZoneInfo("Asia/Tokyo")
START = datetime(2026, 1, 5, 16, 12, tzinfo=UTC)
"""01:12 of the next day in the laboratory."""
LATER = START + timedelta(hours=31)
VALUES = "/qubit?chip=bench&qubit=1"


@pytest.fixture
def simulated_home(prepared_streams: Prepared, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A command line whose home has a simulated clock, and a chip with one value."""
    folder = tmp_path_factory.mktemp("simulated")
    qdash = CommandLine(prepared_streams, folder, folder / "home").with_settings(QDASH_TIMEZONE=ZONE.key)
    qdash.does("init", "--simulated-clock", START.isoformat())
    qdash.does("twin", "create", "bench", "--device", "jakarta")
    qdash.does("values", "set", "bench", "1", "t1=45.2±0.8", "--reason", "test")
    return qdash


@pytest.fixture
def person(chromium: Browser, simulated_home: CommandLine) -> Iterator[Person]:
    """A user of the dashboard of that home."""
    with ExitStack() as stack:
        host = stack.enter_context(run_host(simulated_home)).set_up()
        url = stack.enter_context(serve_dashboard(simulated_home, host.url))
        person = Person.with_browser(chromium, url).log_in_directly("admin")
        yield person
        person.page.context.close()


def find_line(person: Person) -> Locator:
    """Return the line with the simulated time, in the shadow root of its component."""
    return person.page.locator("p.simulated")


def test_each_page_shows_the_simulated_time_and_follows_it(
    person: Person, simulated_home: CommandLine
) -> None:
    page = person.open("/")
    expect(find_line(person)).to_have_text(describe_simulated_time(START, ZONE))
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            person.open(VALUES)
            expect(find_line(person)).to_be_in_viewport(ratio=1)
            assert find_violations(page, scheme) == []
            assert find_cut_off(page) == []
    age = page.get_by_role("row").filter(has_text="45.2(8)").get_by_role("cell").last
    expect(age).to_have_text(re.compile(r"^\d+.s$"))

    assert simulated_home.home is not None
    SimulatedClock(simulated_home.home / CLOCK_FILE).advance_to(LATER)
    expect(find_line(person)).to_have_text(describe_simulated_time(LATER, ZONE))
    expect(age).to_have_text(re.compile("31.h"))
    assert person.foreign_requests == []
