"""Figures in a browser: drawn when they are seen, without a way out of the dashboard, and their points open results."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .dashboard_server import Dashboard
    from .person import Person

pytestmark = pytest.mark.slow


def test_a_figure_is_drawn_when_it_is_seen_and_a_click_on_a_point_selects_its_result(admin: Person) -> None:
    page = admin.open("/qubit?chip=bench&qubit=1&task=CheckT1")
    history = page.get_by_role("figure", name="History of")
    points = history.locator(".point")
    points.first.wait_for()
    fit = page.get_by_role("figure", name="Figure of CheckT1 on 1")
    expect(fit.locator(".main-svg")).to_have_count(0)
    fit.scroll_into_view_if_needed()
    fit.locator(".main-svg").first.wait_for()
    history.scroll_into_view_if_needed()
    titles = history.locator(".modebar-btn").evaluate_all("(all) => all.map((one) => one.dataset.title)")
    assert "Full screen" in titles
    assert not [title for title in titles if re.search("cloud|plotly", title, re.IGNORECASE)]
    admin.wait_until_drawn()
    points.first.wait_for()
    place = points.first.bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.get_by_text("open the result of").wait_for()
    assert "point=" in admin.address


def test_a_drag_sets_the_window_of_a_refit_a_click_leaves_a_point_out_and_cursors_tell_differences(
    admin: Person, dashboard: Dashboard
) -> None:
    page = admin.open(f"/result?result={dashboard.result}")
    page.get_by_role("button", name="Refit …").click()
    figure = page.get_by_role("figure", name="Refit:")
    plot = figure.locator(".nsewdrag[data-subplot=xy]")
    figure.scroll_into_view_if_needed()
    plot.wait_for()
    fitted = page.get_by_text("Fitted points: ")
    number = find_fitted(fitted)
    place = plot.bounding_box()
    assert place is not None
    middle = place["y"] + place["height"] / 2
    page.mouse.move(place["x"] + 2, middle)
    page.mouse.down()
    page.mouse.move(place["x"] + 0.7 * place["width"], middle, steps=8)
    page.mouse.up()
    expect(fitted).not_to_have_text(f"Fitted points: {number} of {number}.")
    inside = find_fitted(fitted)
    assert 2 < inside < number
    point = figure.locator(".xy .point").nth(2)
    edge = point.bounding_box()
    assert edge is not None
    page.mouse.click(edge["x"] + edge["width"] / 2, edge["y"] + edge["height"] / 2)
    expect(fitted).to_have_text(f"Fitted points: {inside - 1} of {number}.")
    component = figure.locator("xpath=..")
    component.get_by_role("button", name="Cursors").press("Enter")
    reading = component.locator("output")
    expect(reading).to_contain_text("1/Δx")
    before = reading.inner_text()
    page.keyboard.press("ArrowRight")
    expect(reading).not_to_have_text(before)


def test_a_figure_of_a_task_follows_a_change_of_the_theme(admin: Person) -> None:
    page = admin.open("/qubit?chip=bench&qubit=1&task=CheckT1")
    figure = page.get_by_role("figure", name="Figure of CheckT1 on 1")
    figure.scroll_into_view_if_needed()
    fit = figure.locator(".js-line").first
    expect(fit).to_have_css("stroke", "rgb(48, 52, 59)")
    page.emulate_media(color_scheme="dark")
    expect(fit).to_have_css("stroke", "rgb(196, 200, 207)")


def find_fitted(place: Locator) -> int:
    """Return the number of fitted points that a page tells."""
    found = re.search(r"Fitted points: (\d+)", place.inner_text())
    assert found is not None
    return int(found[1])


def test_arrow_keys_go_through_results_but_not_while_somebody_types(
    admin: Person, dashboard: Dashboard
) -> None:
    page = admin.open(f"/result?result={dashboard.result}")
    links = page.get_by_role("navigation", name="Neighbours of the result")
    key, back = ("ArrowDown", "ArrowUp") if "↓ qubit" in links.inner_text() else ("ArrowUp", "ArrowDown")
    title = page.locator("h1").inner_text()
    page.keyboard.press(key)
    expect(page.locator("h1")).not_to_have_text(title)
    page.keyboard.press(back)
    expect(page.locator("h1")).to_have_text(title)
    admin.wait_until_drawn()
    page.get_by_role("combobox", name="Keys ← → go through").focus()
    page.keyboard.press(key)
    page.keyboard.press("Escape")
    expect(page.locator("h1")).to_have_text(title)
