"""The schedule page, and the preview of schedules in the form of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from qdash_builtin.chips.pages import schedule
from qdash_builtin.chips.pages.schedule import parse_limit, parse_step
from qdash_builtin.chips.pages.schedule_preview import (
    ScheduleSelection,
    choose_strategies,
    list_groups,
    make_schedule_url,
)
from qdash_builtin.chips.views.schedules import ScheduleDocument
from qdash_builtin.chips.views.strategies import StrategyDocument
from qdash_builtin.runs.pages import tasks
from qdash_core.errors import InvalidInputError

from ...core.bench import CHIP
from ..results.workbench.conftest import pages, registry

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

    from ...ui.conftest import DashboardPages

__all__ = ["pages", "registry"]


def make_schedule(*groups: list[str], barriers: tuple[int, ...] = ()) -> ScheduleDocument:
    return ScheduleDocument(
        groups=list(groups),
        lower_bound=1,
        limited_by="",
        proved_optimal=False,
        strategy="s",
        barriers=list(barriers),
        makespan_s=1.0,
        makespan_lower_bound_s=1.0,
        makespan_by_groups_s=1.0,
        group_durations_s=[12.0] * len(groups),
    )


def make_strategy(name: str) -> StrategyDocument:
    return StrategyDocument(name=name, kind="qubit", default=False, description="")


def test_the_groups_of_strategies_are_rows_side_by_side() -> None:
    rows = list_groups({"a": make_schedule(["0", "2"], ["1"], barriers=(2,)), "b": make_schedule(["0"])})
    assert rows == [
        {"group": 1, "a": "12\N{NO-BREAK SPACE}s: 0, 2", "b": "12\N{NO-BREAK SPACE}s: 0"},
        {"group": 2, "a": "after a barrier; 12\N{NO-BREAK SPACE}s: 1"},
    ]


def test_two_strategies_are_compared_at_first_those_of_the_run_before_others() -> None:
    known = [make_strategy(name) for name in "abcdef"]
    assert choose_strategies(known) == ["a", "b"]
    assert choose_strategies(known, ["c"]) == ["c", "a"]
    assert choose_strategies(known, ["unknown"]) == ["a", "b"]
    assert choose_strategies(known[:1]) == ["a"]


def test_a_query_has_what_was_selected_for_the_kind_of_target() -> None:
    assert ScheduleSelection("a", "coupling", ["best"], one_of_each_mux=True).query == {
        "kind": "coupling", "flow": None, "target": (), "max_parallel": None, "one_of_each_mux": False,
    }  # fmt: skip
    assert ScheduleSelection("a", "qubit", [], "check", ("0",), 3, one_of_each_mux=True).query == {
        "kind": "qubit", "flow": "check", "target": ("0",), "max_parallel": 3, "one_of_each_mux": True,
    }  # fmt: skip


def test_the_address_of_a_selection_is_that_of_the_page() -> None:
    class Links:
        def link(self, path: str, **params: object) -> str:
            given = "&".join(f"{name}={value}" for name, value in params.items() if value is not None)
            return f"/{path}?{given}"

    view = cast("View", Links())
    selection = ScheduleSelection("a", "qubit", ["best", "serial"], "CheckT1", ("0", "1", "2"), 4, True)
    assert make_schedule_url(view, selection) == (
        "/schedule?chip=a&kind=qubit&flow=CheckT1&targets=0-2&max_parallel=4&one_of_each_mux=on"
        "&qubit_strategies=best,serial"
    )
    assert make_schedule_url(view, ScheduleSelection("a", "coupling", [])) == "/schedule?chip=a&kind=coupling"


@pytest.mark.parametrize(
    ("text", "step"), [(None, 0), ("3", 3), ("-1", 0), ("²", 0), ("many", 0), ("9" * 40, 0)]
)
def test_an_invalid_step_in_the_address_shows_all_groups(text: str | None, step: int) -> None:
    assert parse_step(text) == step


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "²", "99999999999"])
def test_a_limit_is_a_whole_number_from_1(text: str) -> None:
    assert parse_limit(None) is None
    assert parse_limit("8") == 8
    with pytest.raises(InvalidInputError, match="type a whole number from 1 to 10000"):
        parse_limit(text)


@pytest.mark.slow
def test_the_address_holds_the_selection(pages: DashboardPages) -> None:
    address = {"flow": "Measure", "targets": "0-2", "qubit_strategies": "serial", "max_parallel": "2"}
    page = pages.page(schedule.render, "viewer", chip=CHIP, **address)
    assert not page.exception
    assert [one.value for one in page.error] == []
    assert page.button_group[0].value == ["serial"]
    options = page.selectbox("address.flow").options
    assert "Measure (task)" in options
    assert not any(one.startswith("Whole") for one in options)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"targets": "0-99"}, "has no qubits"),
        ({"max_parallel": "![x](http://elsewhere)"}, "type a whole number"),
    ],
)
def test_an_invalid_selection_is_told(pages: DashboardPages, params: dict[str, str], said: str) -> None:
    page = pages.page(schedule.render, "viewer", chip=CHIP, flow="Measure", **params)
    (error,) = [one.value for one in page.error]
    assert said in error.replace("\\", "")
    assert "](http" not in error


@pytest.mark.slow
def test_a_strategy_that_cannot_be_used_is_told_beside_the_others(pages: DashboardPages) -> None:
    page = pages.page(
        schedule.render, "viewer", chip=CHIP, kind="coupling", flow="Measure", coupling_strategies="best"
    )
    (error,) = [one.value for one in page.error]
    assert "has no task on a coupling" in error


@pytest.mark.slow
def test_the_form_of_a_run_shows_the_schedules_of_its_targets(pages: DashboardPages) -> None:
    page = pages.page(tasks.render, "editor", task="Measure", chip=CHIP)
    (switch,) = [one for one in page.toggle if one.label == "Preview the order of measurement"]
    switch.set_value(True).run()
    assert not page.exception
    assert [one.value for one in page.button_group if one.label.startswith("Strategies")] == [
        ["uncoupled", "boxes"]
    ]
    address = f"/schedule?chip={CHIP}&kind=qubit&flow=Measure&qubit_strategies=uncoupled%2Cboxes"
    assert f"[Open on the page Schedule]({address})" in [one.value for one in page.markdown]
