"""Time of the dashboard: that of the home at the last response of the host."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.cooldowns.pages.cooldown import render
from qdash_core.process.clock import close_clock, machine_now, open_clock
from qdash_core.runtime.application import open_qdash

from ..access import ADMIN
from ..api.conftest import run_host
from .conftest import DashboardPages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamlit.testing.v1 import AppTest

    from qdash_core.hooks.manager import Registry
    from qdash_core.settings import Settings

START = datetime(2026, 1, 6, 0, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def simulated_pages(settings: Settings, registry: Registry) -> Iterator[DashboardPages]:
    """Users of a dashboard on the host of a home with a simulated clock."""
    open_qdash(settings, registry, simulated_clock=START).close()
    with run_host(settings, registry) as host:
        yield DashboardPages(host)
    close_clock(open_clock(settings.home.parent))  # this process has the clock of the machine again


def read_html(page: AppTest) -> str:
    return " ".join(one.proto.body for one in page.get("html"))


def test_the_time_of_a_page_is_that_of_the_last_response(simulated_pages: DashboardPages) -> None:
    view = simulated_pages.view("viewer")
    assert START <= view.now() < START + DAY
    simulated_pages.qdash.clock.advance_to(START + 30 * DAY)
    assert view.now() < START + DAY
    view.connection.get("/ready")
    assert START + 30 * DAY <= view.now() < START + 31 * DAY


def test_the_time_of_an_ordinary_home_is_that_of_the_machine(dashboard_pages: DashboardPages) -> None:
    before = machine_now()
    assert before <= dashboard_pages.view("viewer").now() <= machine_now()


@pytest.mark.slow
def test_a_page_measures_durations_until_the_time_of_the_home(simulated_pages: DashboardPages) -> None:
    qdash = simulated_pages.qdash
    qdash.get(CRYOSTATS).create(ADMIN, "K")
    qdash.get(COOLDOWNS).create(ADMIN, "first", "K", started_at=START - 2 * DAY)
    page = simulated_pages.page(render, "viewer", cooldown="first")
    assert "2.0\N{NO-BREAK SPACE}d" in read_html(page)
    qdash.clock.advance_to(START + 3 * DAY)
    assert "5.0\N{NO-BREAK SPACE}d" in read_html(page.run())
