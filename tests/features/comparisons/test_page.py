"""The page Compare and the marks of changed figures: on a host without a browser, and as pure functions."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from qdash_api.samples import read_samples
from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.chips.pages.chip_layout import ChipLayout
from qdash_builtin.comparisons.pages import compare
from qdash_builtin.comparisons.pages.comparison_presets import get_yesterday_evening
from qdash_builtin.comparisons.pages.difference_map import choose_mark, make_difference_map
from qdash_builtin.comparisons.pages.figure_changes import draw_figure_changes, list_figure_changes
from qdash_builtin.comparisons.views.comparisons import (
    ComparedValueDocument,
    PointComparisonDocument,
    SharedChangeDocument,
    StatusChangeDocument,
)
from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.values.feature import VALUES
from qdash_core import Parameter
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.models.chip import TargetStatus

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from ...ui.conftest import DashboardPages

CHIP = "a"


def make_value(
    target: str, difference: float | None, *, moved: bool = True, **fields: Any
) -> ComparedValueDocument:
    """Return a value with an error of 1 µs in the difference."""
    known = {"value": 40.0, "error": 1.0, "unit": "us", "task_id": f"result-{target}"}
    return ComparedValueDocument.model_validate(
        {
            "target": target,
            "parameter": "t1",
            "change": "appeared" if difference is None else "changed",
            "after": known,
            "difference": difference,
            "sigmas": None if difference is None else abs(difference),
            "moved": moved,
            **fields,
        }
    )


def test_the_default_point_is_18_00_of_the_day_before_in_the_zone_of_the_user() -> None:
    now = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
    assert get_yesterday_evening(ZoneInfo("Asia/Tokyo"), now=now) == "2026-11-25T18:00+09:00"
    assert get_yesterday_evening(ZoneInfo("Europe/Zurich"), now=now) == "2026-11-25T18:00+01:00"


def test_direction_size_and_kind_of_a_change_are_seen_without_colour() -> None:
    rose, fell = choose_mark([make_value("0", 20.0)]), choose_mark([make_value("0", -4.0)])
    assert (rose.symbol, rose.text) == ("triangle-up", "+20.0σ")
    assert (fell.symbol, fell.text) == ("triangle-down", "−4.0σ")
    assert rose.size > fell.size
    others = [[make_value("0", 1.0, moved=False)], [make_value("0", None, moved=False)], []]
    assert [choose_mark(one).symbol for one in others] == ["circle", "square", "circle-open"]


def test_the_map_frames_the_targets_of_a_shared_change() -> None:
    shared = SharedChangeDocument(
        parameter="t1",
        rose=False,
        resource="multiplexer 0",
        targets=["0", "0-1"],
        examined=2,
        sigmas=-4.0,
        text="t1 fell on ...",
    )
    layout = ChipLayout([("0", 0.0, 0.0), ("1", 1.0, 0.0)], ["0-1"])
    changes = [make_value("0", -4.0, shared="multiplexer 0")]
    drawn = make_difference_map(layout, changes, [shared], str.upper)
    traces = {one.get("name"): one for one in drawn["data"]}
    frame = traces["multiplexer 0: T1 fell"]
    assert [(x, y) for x, y in zip(frame["x"], frame["y"], strict=True) if x is None] == [(None, None)] * 2
    assert (min(frame["x"][:5]), max(frame["x"][:5])) == (-0.46, 0.46)
    assert frame["line"]["dash"] == "solid"
    assert traces["qubits"]["text"] == ["0 −4.0σ", "1"]
    low, high = drawn["layout"]["yaxis"]["range"]
    assert low - 0.5 > 0.0 > high, "there is room for the texts below the lowest qubits"
    hover = traces["qubits"]["hovertext"][0]
    assert "<br>T1: " in hover
    assert "shared by multiplexer 0" in hover
    assert traces["qubits"]["hovertext"][1] == "<b>1</b>: no difference"


def test_figures_whose_values_moved_and_newly_failed_targets_are_marked() -> None:
    values = [
        make_value("1", -8.2),
        make_value("1", 4.0, parameter="t1_amplitude"),
        make_value("2", 1.0, moved=False),
    ]
    failed = StatusChangeDocument(target="3", before="calibrated", after="failed")
    found = PointComparisonDocument.model_validate(
        read_samples("qdash_builtin")["PointComparisonDocument"]
    ).model_copy(update={"values": values, "statuses": [failed]})
    changes = list_figure_changes(found, {"t1": "T1"})
    assert changes.moved == {"result-1": ("▼", "−8.2σ", "T1 moved −8.2σ, t1_amplitude moved +4.0σ")}
    assert changes.newly_failed == ["3"]


def join_texts(page: AppTest) -> str:
    shown = (*page.markdown, *page.caption, *page.info, *page.warning, *page.error, *page.get("html"))
    return " ".join(str(getattr(one, "value", None) or one.proto.body) for one in shown).replace("\\", "")


@pytest.fixture
def changed(dashboard_pages: DashboardPages) -> DashboardPages:
    """A chip with a release `friday`, after which T1 of qubit 0 fell and qubit 1 was excluded."""
    qdash = dashboard_pages.qdash
    access = qdash.access("owner")
    qdash.get(CHIPS).create(access, CHIP, get_builtin_topology("linear-16"), backend="fake")
    qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(45.0, 0.5, "us")}, reason="by hand")
    qdash.get(RELEASES).create(access, CHIP, "friday")
    qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(20.0, 0.5, "us")}, reason="by hand")
    qdash.get(TARGETS).set_aside(access, CHIP, "1", TargetStatus.EXCLUDED, "drifts")
    return dashboard_pages


@pytest.mark.slow
def test_a_chip_is_compared_with_a_release(changed: DashboardPages) -> None:
    page = changed.page(compare.render, "viewer", chip=CHIP, before="release:friday")
    assert not page.exception
    told = join_texts(page)
    assert "1: now excluded, was pending" in told
    assert "1 moved beyond usual scatter" in told
    assert "last release (friday)" in told
    drawn = (json.loads(one.proto.json) for one in page.get("bidi_component") if one.proto.json)
    (figure,) = (one["figure"] for one in drawn if "figure" in one)
    (shown,) = (one for one in figure["data"] if one.get("name") == "qubits")
    assert shown["text"][0] == "0 −35.4σ"


@pytest.mark.slow
def test_an_invalid_point_is_told_below_the_fields(changed: DashboardPages) -> None:
    page = changed.page(compare.render, "viewer", chip=CHIP, before="friday")
    assert not page.exception
    assert "'friday' is not a point in time" in join_texts(page)
    page.text_input(key="address.before").input("release:friday").run()
    assert not page.error
    assert page.query_params["before"] == "release:friday"


@pytest.mark.slow
def test_the_marks_of_figures_have_a_legend_and_are_switched_off(changed: DashboardPages) -> None:
    draw = partial(_draw_changes, chip_id=CHIP)
    page = changed.page(draw, "viewer", changed_since="release:friday")
    assert "1 value moved, 0 targets newly failed" in join_texts(page)
    page.toggle(key="figures.changes").set_value(False).run()
    assert page.query_params["changed_since"] == "off"
    assert "moved" not in join_texts(page)
    page = changed.page(draw, "viewer")
    assert "0 values moved" in join_texts(page), "the chip had no values yesterday"


def _draw_changes(view: Any, chip_id: str) -> None:
    draw_figure_changes(view, chip_id)
