"""The page of metrics in the browser: the address holds the selection, and figures and values are downloaded."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from .dashboard_server import Dashboard
    from .person import Person

STATES = ("", "&view=time&targets=1", "&view=correlation&with=t2_echo", "&view=table&than=any&mode=best")


@pytest.mark.slow
@pytest.mark.usefixtures("dashboard")
def test_a_metric_is_chosen_compared_and_downloaded(person: Person) -> None:
    page = person.log_in_directly("vera").open("/metrics?chip=bench&metric=t1")
    expect(page.get_by_text("qubits").first).to_be_visible()
    # The figure as one SVG, and as a picture of twice its size.
    page.locator(".st-key-metrics-histogram .main-svg").first.wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG of the figure Histogram").click()
    assert download.value.suggested_filename == "bench-t1-histogram.svg"
    drawn = download.value.path().read_text("utf-8")
    assert drawn.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "T1 (µs)" in drawn
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG of the figure Histogram").click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
    # Other values beside them, and the table as CSV.
    page.get_by_role("radio", name="Best").click()
    page.wait_for_url("**mode=best**")
    page.get_by_role("radio", name="Table").click()
    page.locator("tbody tr").first.wait_for()
    assert person.address == "/metrics?chip=bench&metric=t1&mode=best&view=table"
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    head, first, *_ = download.value.path().read_text("utf-8").splitlines()
    assert head.startswith("chip_id,target,metric,value,error,unit")
    assert first.startswith("bench,0,t1,")
    page.go_back()
    page.locator(".st-key-metrics-histogram .main-svg").first.wait_for()


@pytest.mark.release
@pytest.mark.parametrize(("width", "scheme"), [*product((1440, 900), ("light", "dark"))])
def test_nothing_is_wider_than_the_page(
    width: int, scheme: str, person: Person, dashboard: Dashboard
) -> None:
    assert dashboard.url
    person.log_in_directly("admin")
    person.page.set_viewport_size({"width": width, "height": 900})
    person.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for state in STATES:
        page = person.open(f"/metrics?chip=bench&metric=t1{state}")
        person.wait_until_drawn()
        main = page.get_by_test_id("stMain")
        assert main.evaluate("one => one.scrollWidth <= one.clientWidth"), state
