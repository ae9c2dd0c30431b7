"""The map on a screen without a mouse: taps, two fingers, and a tap that is not steady."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .person import PATIENCE_MS, Person

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, Locator

    from .dashboard_server import Dashboard

pytestmark = pytest.mark.release
_LEAST_PX = 24
_LEAST_TEXT_PX = 10
_PANEL_IS_REACHED = (
    "() => document.querySelector('[data-testid=panel]').getBoundingClientRect().top < innerHeight / 2"
)


@pytest.fixture
def person(chromium: Browser, dashboard: Dashboard) -> Iterator[Person]:
    """A user `admin` with a tablet, at the map."""
    context = chromium.new_context(viewport={"width": 900, "height": 1200}, has_touch=True)
    context.set_default_timeout(PATIENCE_MS)
    person = Person(context.new_page(), dashboard.url).log_in_directly("admin")
    person.open("/chip?chip=bench&metric=t1").locator("svg.map[aria-busy=false]").wait_for()
    yield person
    context.close()


def find_middle(shape: Locator) -> tuple[float, float]:
    place = shape.bounding_box()
    assert place is not None
    return place["x"] + place["width"] / 2, place["y"] + place["height"] / 2


def move_fingers(person: Person, *places: Sequence[tuple[float, float]]) -> None:
    """Put fingers on the screen, move them through the places, and lift them."""
    device = person.page.context.new_cdp_session(person.page)
    for number, fingers in enumerate(places):
        points = [{"x": x, "y": y, "id": place} for place, (x, y) in enumerate(fingers)]
        kind = "touchMove" if number else "touchStart"
        device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    device.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_taps_open_targets_before_and_after_two_fingers_have_zoomed(person: Person) -> None:
    page = person.page
    svg = page.get_by_test_id("chip-map")
    whole = svg.get_attribute("viewBox")
    qubit = page.get_by_test_id("target-1").locator(".shape")
    qubit.scroll_into_view_if_needed()
    for shape in (qubit, page.get_by_role("button", name="Whole chip")):
        place = shape.bounding_box()
        assert place is not None
        assert min(place["width"], place["height"]) >= _LEAST_PX
    page.touchscreen.tap(*find_middle(qubit))
    expect(page.get_by_test_id("panel")).to_have_attribute("aria-label", "qubit 1")
    page.wait_for_function(_PANEL_IS_REACHED)
    qubit.scroll_into_view_if_needed()
    x, y = find_middle(qubit)
    spread = [[(x - 20 - 8 * n, y), (x + 20 + 8 * n, y)] for n in range(6)]
    move_fingers(person, *spread)
    assert svg.get_attribute("viewBox") != whole
    assert "target=1" in person.address
    coupling = page.get_by_test_id("target-0-1").locator(".shape")
    x, y = find_middle(coupling)
    move_fingers(person, [(x, y)], [(x + 6, y + 4)])
    expect(page.get_by_test_id("panel")).to_have_attribute("aria-label", "coupling 0-1")
    page.get_by_role("button", name="Whole chip").tap()
    assert svg.get_attribute("viewBox") == whole


@pytest.fixture
def phone(chromium: Browser, dashboard: Dashboard) -> Iterator[Person]:
    """A user `admin` with a telephone."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    context.set_default_timeout(PATIENCE_MS)
    yield Person(context.new_page(), dashboard.url).log_in_directly("admin")
    context.close()


def test_a_tap_on_the_map_of_a_telephone_brings_the_panel_into_view_and_a_loaded_selection_does_not(
    phone: Person,
) -> None:
    page = phone.open("/chip?chip=bench&metric=t1&target=1")
    panel = page.get_by_test_id("panel")
    expect(panel).to_have_attribute("aria-label", "qubit 1")
    page.wait_for_timeout(1000)  # longer than the panel waits before it scrolls
    expect(panel).not_to_be_in_viewport()
    page.get_by_test_id("target-0").tap()
    expect(panel).to_have_attribute("aria-label", "qubit 0")
    expect(panel).to_be_in_viewport(ratio=1)


def test_ids_on_the_maps_of_schedules_stay_readable_on_a_narrow_screen(phone: Person) -> None:
    phone.page.set_viewport_size({"width": 180, "height": 844})
    page = phone.open("/schedule?chip=bench")
    text = page.locator("svg.map .t .id").first
    text.wait_for()
    scale, size = text.evaluate("(one) => [one.getScreenCTM().a, parseFloat(getComputedStyle(one).fontSize)]")
    assert scale * size >= _LEAST_TEXT_PX


def test_the_pages_of_a_group_and_the_side_bar_are_reached_by_taps_on_the_first_line(phone: Person) -> None:
    page = phone.open("/executions")
    page.get_by_role("link", name="Events", exact=True).tap()
    expect(page.get_by_role("heading", name="Events", exact=True)).to_be_visible()
    page.get_by_test_id("stExpandSidebarButton").tap()
    expect(page.get_by_test_id("stSidebar").get_by_role("link", name="Metrics")).to_be_visible()


def test_a_tap_brings_locks_workers_and_backup_into_view(phone: Person) -> None:
    page = phone.open("/")
    heading = page.get_by_role("heading", name="Laboratory", exact=True)
    expect(heading).not_to_be_in_viewport()
    page.get_by_role("link", name="Laboratory", exact=True).tap()
    expect(heading).to_be_in_viewport()
    expect(page.get_by_text("No complete backup of the store was made.").last).to_be_in_viewport()
