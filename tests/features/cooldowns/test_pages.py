"""Pages of cryostats and cool-downs: on a host without a browser, and as pure functions."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.cooldowns.operations.cooldowns import edit_cooldown, list_cooldown_chips, show_cooldown
from qdash_builtin.cooldowns.pages import cooldown, cooldown_chips, cooldown_values, cryostats
from qdash_builtin.cooldowns.pages.cooldown_timeline import TimelineRow, format_timeline
from qdash_builtin.cooldowns.requests import CooldownEdit
from qdash_builtin.cooldowns.views import CooldownDocument
from qdash_builtin.values.feature import VALUES
from qdash_core import Parameter
from qdash_core.chips.lattices import get_builtin_topology

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from qdash_ui_streamlit.view import View

    from ...ui.conftest import DashboardPages

CHIP = "a"
FEBRUARY, MARCH, APRIL, MAY = (datetime(2026, month, 1, tzinfo=UTC) for month in (2, 3, 4, 5))


def make_cooldown(name: str, begin: datetime, end: datetime | None, **fields: Any) -> CooldownDocument:
    return CooldownDocument.model_validate(
        {
            "cooldown_id": name,
            "cryo_id": "K",
            "started_at": begin,
            "ended_at": end,
            "chip_ids": [CHIP],
            **fields,
        }
    )


@pytest.fixture
def laboratory(dashboard_pages: DashboardPages) -> DashboardPages:
    """Chip `a` in the past cool-down 1 and the present cool-down 2 of cryostat K, with a value of each; chip `b` in none."""
    qdash = dashboard_pages.qdash
    access = qdash.access("owner")
    for chip_id in (CHIP, "b"):
        qdash.get(CHIPS).create(access, chip_id, get_builtin_topology("linear-16"), backend="fake")
    qdash.get(CRYOSTATS).create(access, "K", location="room <b>3</b>")
    qdash.get(COOLDOWNS).create(access, "1", "K", chip_ids=[CHIP])
    qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(45.0, 0.5, "us")}, reason="by hand")
    qdash.get(COOLDOWNS).end(access, "1")
    qdash.get(COOLDOWNS).create(access, "2", "K", chip_ids=[CHIP], description="new package")
    qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(20.0, 0.5, "us")}, reason="by hand")
    return dashboard_pages


def list_buttons(page: AppTest) -> list[str]:
    assert not page.exception
    return [one.label for one in page.button]


def join_texts(page: AppTest) -> str:
    shown = (*page.markdown, *page.caption, *page.info, *page.warning, *page.error, *page.get("html"))
    return " ".join(str(getattr(one, "value", None) or one.proto.body) for one in shown).replace("\\", "")


def press(page: AppTest, label: str) -> AppTest:
    return next(one for one in page.button if one.label == label).click().run()


def find_description(page: AppTest) -> Any:
    return next(one for one in page.text_input if one.label == "Description")


def list_bars(html: str) -> list[tuple[str, float, float]]:
    """Return name, start and width of each bar, both in percent."""
    found = re.findall(r'aria-label="([^"]*)"[^>]*left:([\d.]+)%;width:([\d.]+)%"', html)
    return [(name, float(left), float(width)) for name, left, width in found]


@pytest.fixture
def viewer(dashboard_pages: DashboardPages) -> View:
    return dashboard_pages.view("viewer")


def test_a_cooldown_reaches_from_its_start_to_its_end_or_to_now(viewer: View) -> None:
    past, present = make_cooldown("1", FEBRUARY, MARCH), make_cooldown("2", APRIL, None)
    html = format_timeline(viewer, [TimelineRow("K", {"1": past, "2": present})], now=MAY)
    first, second = list_bars(html)
    assert (first[0], second[0]) == ("1", "2")
    assert ">◐ 2</a>" in html
    assert first[1:] == (0.0, pytest.approx(100 * 28 / 89, abs=0.01))
    assert (second[1] + second[2], second[2]) == (
        pytest.approx(100, abs=0.02),
        pytest.approx(100 * 30 / 89, abs=0.01),
    )
    assert "2026-02-01" in html
    assert "2026-05-01" in html


def test_names_are_shown_as_text_and_a_timeline_without_cooldowns_is_empty(viewer: View) -> None:
    hostile = make_cooldown("<i>1", FEBRUARY, MARCH, cryo_id='"K')
    html = format_timeline(viewer, [TimelineRow("K", {"<i>1": hostile})], now=MAY)
    assert "<i>" not in html
    assert "&lt;i&gt;1 in &quot;K, 2026-02-01 to 2026-03-01, chips a" in html
    assert format_timeline(viewer, [TimelineRow("K", {})], now=MAY) == ""


def test_a_short_cooldown_can_be_seen_within_the_timeline(viewer: View) -> None:
    long, short, future = (
        make_cooldown("long", FEBRUARY, APRIL),
        make_cooldown("short", APRIL, None),
        make_cooldown("future", MAY, None),
    )
    bars = {one.cooldown_id: one for one in (long, short, future)}
    html = format_timeline(viewer, [TimelineRow("K", bars)], now=APRIL)
    found = list_bars(html)
    assert [(name, width) for name, _, width in found[1:]] == [("short", 1.0), ("future", 1.0)]
    assert all(left + width <= 100 for _, left, width in found)
    assert html.count('%"></a>') == 2, "they have no room for their names"


def test_a_chip_of_a_cooldown_links_its_records_and_neighbours(laboratory: DashboardPages) -> None:
    view = laboratory.view("viewer")
    (found,) = view.ask(list_cooldown_chips, "2").items
    row = cooldown_chips.make_row(view, "2", found)
    assert (row["n_executions"], row["n_results"], row["previous_id"]) == (0, 1, "1")
    assert row["results_href"] == "/executions?view=results&chip=a&cooldown=2"
    assert row["previous_href"] == "/cooldown?cooldown=1&chip=a"
    assert "next_href" not in row
    points = cooldown_values.list_points(view, view.ask(show_cooldown, "2"), found)
    assert points == {"cooldown:1": "Last values of 1", "cooldown-start:2": "First values of this cool-down"}


@pytest.mark.slow
def test_the_cryostats_with_their_cooldowns_are_listed(laboratory: DashboardPages) -> None:
    page = laboratory.page(cryostats.render, "viewer", cryostat="K")
    assert list_buttons(page) == []
    told = join_texts(page)
    assert "room &lt;b&gt;3&lt;/b&gt;" in told
    assert [name for name, *_ in list_bars(told)] == ["1", "2"]
    by_chip = laboratory.page(cryostats.render, "editor", rows="chip")
    assert [name for name, *_ in list_bars(join_texts(by_chip))] == ["K: 1", "K: 2"]
    assert list_buttons(by_chip) == ["Start a cool-down …", "Register a cryostat …"]
    of_other = laboratory.page(cryostats.render, "viewer", chip="b")
    assert "Chip b was in no cool-down" in join_texts(of_other)


@pytest.mark.slow
def test_without_a_cryostat_the_page_tells_what_to_do(dashboard_pages: DashboardPages) -> None:
    assert "Register the cryostat" in join_texts(dashboard_pages.page(cryostats.render, "editor"))
    told = join_texts(dashboard_pages.page(cryostats.render, "viewer", cryostat="K"))
    assert "No cryostat is registered" in told
    assert "Register the cryostat" not in told
    assert "K" in told.split("No cryostat is registered")[1], "the unknown cryostat of the address is told"


@pytest.mark.slow
def test_a_cooldown_is_compared_with_the_one_before_and_with_its_first_values(
    laboratory: DashboardPages,
) -> None:
    page = laboratory.page(cooldown.render, "viewer", cooldown="2")
    assert list_buttons(page) == []
    told = join_texts(page)
    assert "new package" in told
    assert "1 moved beyond usual scatter (1 worse)" in told
    within = laboratory.page(cooldown.render, "viewer", cooldown="2", against="cooldown-start:2")
    assert "No difference: 1 equal value" in join_texts(within)
    refused = laboratory.page(cooldown.render, "viewer", cooldown="2", against="friday")
    assert "'friday' is not a point in time" in join_texts(refused)
    assert "no cool-down '9'" in join_texts(laboratory.page(cooldown.render, "viewer", cooldown="9"))
    assert "No cool-down is selected" in join_texts(laboratory.page(cooldown.render, "viewer"))


@pytest.mark.slow
def test_an_editor_loads_a_chip_and_corrects_the_cooldown(laboratory: DashboardPages) -> None:
    view = laboratory.view("editor")
    page = laboratory.draw(cooldown.render, view, cooldown="2")
    page.selectbox(key="cooldown.add").set_value("b").run()
    press(page, "Load")
    assert view.ask(show_cooldown, "2").chip_ids == [CHIP, "b"]
    page.run()
    find_description(page).set_value("old package")
    press(page, "Save")
    assert view.ask(show_cooldown, "2").description == "old package"
    find_description(page).set_value("")
    press(page, "Save")
    assert view.ask(show_cooldown, "2").description is None


@pytest.mark.slow
def test_a_change_by_another_user_is_told_and_not_overwritten(laboratory: DashboardPages) -> None:
    view = laboratory.view("editor")
    page = laboratory.draw(cooldown.render, view, cooldown="2")
    view.ask(edit_cooldown, "2", body=CooldownEdit(description="theirs"))
    find_description(page).set_value("mine")
    press(page, "Save")
    told = join_texts(page)
    assert "The form shows the present values. Not saved: Description mine" in told
    assert view.ask(show_cooldown, "2").description == "theirs"
