"""Figures in a browser: drawn when they are seen, without a way out of the dashboard, and their points open results."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from .person import Person

pytestmark = pytest.mark.slow


def test_a_figure_is_drawn_when_it_is_seen_and_a_click_on_a_point_selects_its_result(admin: Person) -> None:
    page = admin.open("/qubit?chip=bench&qubit=1&task=CheckT1")
    page.get_by_role("figure", name="Figure of CheckT1 on 1").locator(".main-svg").first.wait_for()
    history = page.get_by_role("figure", name="History of")
    expect(history.locator(".main-svg")).to_have_count(0)
    history.scroll_into_view_if_needed()
    points = history.locator(".point")
    points.first.wait_for()
    titles = history.locator(".modebar-btn").evaluate_all("(all) => all.map((one) => one.dataset.title)")
    assert "Full screen" in titles
    assert not [title for title in titles if re.search("cloud|plotly", title, re.IGNORECASE)]
    place = points.first.bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.get_by_text("open the result of").wait_for()
    assert "point=" in admin.address
