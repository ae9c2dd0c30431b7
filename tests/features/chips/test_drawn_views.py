"""The form of a run and the views of a chip, drawn on a host without a browser."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.chips.pages import chip_actions, chip_figures
from qdash_builtin.metrics.pages import chip_yield
from qdash_builtin.metrics.pages.value_selection import draw_range_selector, read_selection
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.runs.operations.executions import list_executions
from qdash_builtin.runs.pages.run_form import draw_run_form
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.models.chip import TargetStatus
from qdash_core.models.strategies import StrategySelection

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from qdash_builtin.runs.views.executions import ExecutionHeader
    from qdash_ui_streamlit.view import View

    from ...ui.conftest import DashboardPages

pytestmark = pytest.mark.slow


@pytest.fixture
def chip(dashboard_pages: DashboardPages) -> str:
    qdash = dashboard_pages.qdash
    qdash.get(CHIPS).create(qdash.access("owner"), "a", get_builtin_topology("linear-16"), backend="fake")
    return "a"


def make_form_page(chip_id: str) -> Callable[[View], None]:
    return partial(
        draw_run_form, chip_id=chip_id, targets=["0", "1"], task="CheckResonatorSpectroscopy", key="form"
    )


def draw_selected(view: View, chip_id: str) -> None:
    draw_range_selector(view, chip_id)


def asked_for(view: View) -> None:
    read_selection(view)


def has_button(page: AppTest, label: str) -> bool:
    return any(one.label == label for one in page.button)


def press(page: AppTest, label: str) -> AppTest:
    return next(one for one in page.button if one.label == label).click().run()


def list_runs(dashboard_pages: DashboardPages) -> list[ExecutionHeader]:
    return list(dashboard_pages.view("viewer").ask(list_executions).items)


def join_texts(page: AppTest) -> str:
    return " ".join(
        str(one.value) for one in (*page.error, *page.warning, *page.success, *page.markdown, *page.info)
    )


def test_a_run_is_started_once_for_each_request(dashboard_pages: DashboardPages, chip: str) -> None:
    page = press(dashboard_pages.page(make_form_page(chip), "editor"), "Start")
    assert not page.exception
    assert "is queued" in join_texts(page)
    assert "no worker is running" in join_texts(page)
    assert [one.chip_id for one in list_runs(dashboard_pages)] == [chip]
    again = press(press(page, "Prepare another run"), "Start")
    assert not again.exception
    assert len(list_runs(dashboard_pages)) == 2


def test_a_strategy_that_is_selected_is_in_the_request(dashboard_pages: DashboardPages, chip: str) -> None:
    page = dashboard_pages.page(make_form_page(chip), "editor")
    field = next(one for one in page.selectbox if one.label == "Strategy for qubits")
    assert field.placeholder == "that of the flow, else uncoupled"
    page = field.set_value("serial").run()
    assert any("one qubit after another" in one.value for one in page.caption)
    press(page, "Start")
    access = dashboard_pages.qdash.access("owner")
    (execution,) = dashboard_pages.qdash.get(EXECUTIONS).newest(access)
    assert execution.request is not None
    assert execution.request.scheduling == StrategySelection(strategies=("serial",))


def test_a_viewer_has_a_dry_run_and_no_start(dashboard_pages: DashboardPages, chip: str) -> None:
    page = dashboard_pages.page(make_form_page(chip), "viewer")
    assert not has_button(page, "Start")
    assert "1 task on 2 targets" in join_texts(press(page, "Dry run"))
    assert list_runs(dashboard_pages) == []


def test_invalid_input_is_marked_and_starts_nothing(dashboard_pages: DashboardPages, chip: str) -> None:
    page = dashboard_pages.page(make_form_page(chip), "editor")
    field = next(one for one in page.text_input if one.label.startswith("shots"))
    page = field.set_value("-3").run()
    assert "-3 is below the minimum of 16" in join_texts(page)
    press(page, "Start")
    assert list_runs(dashboard_pages) == []


def test_a_dry_run_excludes_dead_targets(dashboard_pages: DashboardPages, chip: str) -> None:
    qdash = dashboard_pages.qdash
    qdash.get(TARGETS).set_aside(qdash.access("owner"), chip, "0", TargetStatus.DEAD, "open line")
    page = press(dashboard_pages.page(make_form_page(chip), "viewer"), "Dry run")
    assert "1 task on 1 target" in join_texts(page)


def test_a_viewer_can_only_preview_runs(dashboard_pages: DashboardPages, chip: str) -> None:
    page = dashboard_pages.page(
        partial(chip_actions.draw_chip_actions, chip_id=chip, targets=["0"]), "viewer"
    )
    assert [one.label for one in page.button] == ["Dry run …"]


def test_a_chip_without_results_shows_advice(dashboard_pages: DashboardPages, chip: str) -> None:
    assert "No task has a result" in join_texts(
        dashboard_pages.page(partial(chip_figures.render, chip_id=chip), "viewer")
    )
    assert "has no values yet" in join_texts(
        dashboard_pages.page(partial(chip_yield.render, chip_id=chip), "viewer")
    )


def test_the_url_and_the_widgets_of_a_selection_agree(dashboard_pages: DashboardPages, chip: str) -> None:
    page = dashboard_pages.page(partial(draw_selected, chip_id=chip), "viewer", mode="best")
    assert page.button_group(key="range.mode").value == "best"
    page = page.button_group(key="range.mode").set_value("average").run()
    assert page.query_params["mode"] in ("average", ["average"])
    page = page.selectbox(key="range.period").set_value("between").run()
    assert str(page.query_params["since"][-1]).endswith("Z")


def test_an_invalid_time_in_the_url_is_refused(dashboard_pages: DashboardPages) -> None:
    page = dashboard_pages.page(asked_for, "viewer", since="yesterday")
    assert "invalid since=yesterday in the URL" in page.exception[0].message
