"""Changes of values in the dashboard: set, decide, use, undo and revert."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.chips.operations.chips import show_chip
from qdash_builtin.chips.operations.targets import show_qubit
from qdash_builtin.chips.pages.target import draw_target
from qdash_builtin.chips.pages.target_data import load_target
from qdash_builtin.chips.pages.target_value_form import draw_value_form
from qdash_builtin.chips.pages.targets import QUBIT
from qdash_builtin.exchange.pages import chip_releases
from qdash_builtin.results.operations.results import show_result
from qdash_builtin.results.pages import result
from qdash_builtin.results.pages.result_decision import CHOICES, draw_decision_form, load_present_values
from qdash_builtin.values.feature import VALUES
from qdash_builtin.values.pages import chip_changes
from qdash_core import CalibConfig, CalibOrchestrator, Parameter
from qdash_core.models.pages import PageRequest

from ...core.bench import CHIP, LINE, make_backend, make_registry, make_task
from ...ui.tables import read_rows
from ..chips.test_chip_notes import join_texts

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from qdash_core.hooks.manager import Registry
    from qdash_core.models.access import Access
    from qdash_core.models.task import TaskResultModel
    from qdash_core.models.value_change import ValueChangeModel

    from ...ui.conftest import DashboardPages

pytestmark = pytest.mark.slow
qubit = partial(draw_target, kind=QUBIT)
_DRAG = {"drag_pi_angle_error": Parameter(0.001, 0.0005, "rad")}
changes = partial(chip_changes.render, chip_id=CHIP)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return make_registry([make_task(), make_task("Drag", _DRAG)], [make_backend()], http_host=True)


@pytest.fixture
def access(dashboard_pages: DashboardPages) -> Access:
    """Owner of a new chip."""
    qdash = dashboard_pages.qdash
    access = qdash.access("owner")
    if CHIP not in [chip.chip_id for chip in qdash.get(CHIPS).list_by_project(access)]:
        qdash.get(CHIPS).create(access, CHIP, LINE, backend="bench")
    return access


@pytest.fixture
def measured(dashboard_pages: DashboardPages, access: Access) -> TaskResultModel:
    """A result whose value is in use: 10 µs."""
    config = CalibConfig(username="owner", chip_id=CHIP, project_id=access.project_id)
    session = CalibOrchestrator(config, dashboard_pages.qdash)
    session.initialize()
    found = session.run_task("Measure", "0")
    session.complete()
    return found


def read_t1(pages: DashboardPages, access: Access) -> float | None:
    target = pages.qdash.get(TARGETS).show(access, CHIP, "0").state
    return target.data["t1"].value if "t1" in target.data else None


def list_events(pages: DashboardPages, access: Access) -> list[ValueChangeModel]:
    return [one.head for one in pages.qdash.get(VALUES).list_events(access, CHIP, PageRequest(10)).items]


def press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run()


def open_value_form(pages: DashboardPages, **params: str) -> AppTest:
    view = pages.view("editor")
    data = load_target(view, QUBIT, view.ask(show_chip, CHIP), "0")
    _, version = view.ask_versioned(show_qubit, CHIP, "0")
    return pages.draw(lambda view: draw_value_form(view, data, version=version, once="key"), view, **params)


def fill(page: AppTest, **typed: str) -> AppTest:
    for name, text in typed.items():
        page.text_input(key=f"values.set.{name}").input(text)
    return page.run()


def open_decision_form(pages: DashboardPages, task_id: str, label: str) -> AppTest:
    choice = next(one for one in CHOICES if one.label == label)

    view = pages.view("editor")
    found = view.ask(show_result, task_id)
    present = load_present_values(view, found) if choice.replaces_newer else None
    return pages.draw(lambda view: draw_decision_form(view, found, choice, once="key", present=present), view)


def test_an_editor_sets_a_value(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    page = fill(open_value_form(dashboard_pages), value="45.2", error="0.8", reason="by hand")
    assert "Now 10.0(5)" in join_texts(page).replace("\N{NO-BREAK SPACE}", " ")
    page = press(page, "values.set.go")
    assert not page.exception
    assert read_t1(dashboard_pages, access) == 45.2


def test_a_value_far_from_the_one_in_use_is_set_after_a_check_mark(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    page = press(fill(open_value_form(dashboard_pages), value="450", reason="by hand"), "values.set.go")
    assert "t1 = 450" in join_texts(page)
    assert read_t1(dashboard_pages, access) == 10.0
    page = page.run().checkbox(key="values.set.confirmed").check().run()
    assert not press(page, "values.set.go").exception
    assert read_t1(dashboard_pages, access) == 450.0


def test_a_value_is_typed_in_the_unit_of_the_page(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    page = open_value_form(dashboard_pages, metric="drag_pi_angle_error")
    assert page.selectbox(key="values.set.parameter").value == "drag_pi_angle_error"
    assert "Value (mrad)" in [one.label for one in page.text_input]
    assert not press(fill(page, value="0.5", error="0.25", reason="by hand"), "values.set.go").exception
    set_ = dashboard_pages.qdash.get(TARGETS).show(access, CHIP, "0").state.data["drag_pi_angle_error"]
    assert (set_.value, set_.error, set_.unit) == (0.0005, 0.00025, "rad")


def test_a_value_that_changed_since_the_form_was_opened_is_not_overwritten(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    page = fill(open_value_form(dashboard_pages), value="45.2", reason="by hand")
    dashboard_pages.qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(33.0)}, reason="meanwhile")
    page = press(page, "values.set.go")
    assert "Qubit 0 has changed since this form was opened" in join_texts(page)
    assert read_t1(dashboard_pages, access) == 33.0


@pytest.mark.parametrize("value", ["fast", "nan", "1e400", "1_0", "\N{ARABIC-INDIC DIGIT FOUR}"])
def test_a_value_that_is_no_number_is_refused(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel, value: str
) -> None:
    page = fill(open_value_form(dashboard_pages), value=value, reason="by hand")
    assert "not a finite number" in join_texts(press(page, "values.set.go"))
    assert read_t1(dashboard_pages, access) == 10.0


def test_a_rejected_value_is_undone_from_the_changes(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    page = open_decision_form(dashboard_pages, measured.task_id, "Reject")
    assert [one.value for one in press(page, "decide.go").error] == ["Give a reason."]
    page.text_input(key="decide.reason").input("a bad evening").run()
    assert not press(page, "decide.go").exception
    assert read_t1(dashboard_pages, access) is None

    number = dashboard_pages.qdash.get(VALUES).list_events(access, CHIP, PageRequest(1)).items[0].number
    page = dashboard_pages.page(partial(chip_changes.draw_undo_form, number=number, once="other"), "editor")
    assert "T1 of 0: none → 10" in "\n".join(one.value for one in page.text)
    assert not press(page, "changes.undo.go").exception
    assert read_t1(dashboard_pages, access) == 10.0


def test_the_undo_of_a_decision_that_changed_no_value_in_use_names_it(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    values = dashboard_pages.qdash.get(VALUES)
    values.set(access, CHIP, "0", {"t1": Parameter(45.2)}, reason="by hand")
    values.reject(access, measured.task_id, reason="a bad evening")
    number = values.list_events(access, CHIP, PageRequest(1)).items[0].number
    page = dashboard_pages.page(partial(chip_changes.draw_undo_form, number=number, once="other"), "editor")
    assert [one.value for one in page.text] == ["rejected; no value in use changes"]


def test_the_event_in_the_url_is_proposed_for_undo(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    for value in (45.2, 46.3):
        dashboard_pages.qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(value)}, reason="by hand")
    newest, older, *_ = dashboard_pages.qdash.get(VALUES).list_events(access, CHIP, PageRequest(5)).items
    proposed = {}
    for event in ("", str(older.number)):
        page = dashboard_pages.page(changes, "editor", chip=CHIP, event=event)
        assert not page.exception
        proposed[event] = page.selectbox(key=f"changes.undo.event.{event or newest.number}").value
    assert proposed == {"": newest.number, str(older.number): older.number}


def test_an_older_result_is_used_again(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    dashboard_pages.qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(45.2)}, reason="by hand")
    page = open_decision_form(dashboard_pages, measured.task_id, "Use these values")
    assert "T1: 45.2 µs → 10.0(5) µs" in page.text[0].value.replace("\N{NO-BREAK SPACE}", " ")
    page = press(page, "decide.go")
    assert not press(page, "decide.go").error
    assert read_t1(dashboard_pages, access) == 10.0
    assert [one.kind for one in list_events(dashboard_pages, access)][:2] == ["used", "set"]


def test_an_older_result_does_not_replace_a_value_that_changed_since_its_form_was_opened(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    dashboard_pages.qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(45.2)}, reason="by hand")
    page = open_decision_form(dashboard_pages, measured.task_id, "Use these values")
    dashboard_pages.qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(33.0)}, reason="meanwhile")
    assert "T1 changed since this form was opened" in join_texts(press(page, "decide.go"))
    assert read_t1(dashboard_pages, access) == 33.0


def test_a_point_of_the_history_has_the_buttons_of_its_result(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    dashboard_pages.qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(45.2)}, reason="by hand")
    point = {"chip": CHIP, "qubit": "0", "metric": "t1", "point": measured.task_id}
    page = dashboard_pages.page(qubit, "editor", **point)
    assert "open the result of Measure" in join_texts(page)
    page = press(page, "decide.Use these values")
    assert page.multiselect[0].value == ["t1"]
    assert page.button(key="decide.go").label == "Use these values"

    page = dashboard_pages.page(qubit, "viewer", **point)
    assert "open the result of Measure" in join_texts(page)
    assert not [one for one in page.button if str(one.key).startswith("decide")]


def test_a_reversion_whose_preview_is_outdated_is_not_performed(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    values = dashboard_pages.qdash.get(VALUES)
    values.set(access, CHIP, "0", {"t1": Parameter(45.2)}, reason="by hand")
    page = dashboard_pages.page(changes, "editor", chip=CHIP, revert=measured.execution_id)
    values.set(access, CHIP, "0", {"t1": Parameter(33.0)}, reason="meanwhile")
    page = press(page, "revert.go")
    assert "have changed since the preview was drawn" in join_texts(page)
    assert read_t1(dashboard_pages, access) == 33.0
    assert "1 value restored" in press(page, "revert.go").success[0].value
    assert read_t1(dashboard_pages, access) == 10.0


def test_values_are_reverted_after_a_preview(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    qdash = dashboard_pages.qdash
    qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(45.2)}, reason="by hand")
    page = dashboard_pages.page(changes, "editor", chip=CHIP, revert=measured.execution_id)
    assert [row["parameter"] for row in read_rows(page, "Values to restore")] == ["T1"]
    assert [row["parameters"] for row in read_rows(page, "Changes of values")] == ["T1"]
    assert read_t1(dashboard_pages, access) == 45.2
    assert not press(page, "revert.go").exception
    assert read_t1(dashboard_pages, access) == 10.0


def test_a_release_is_created_and_links_to_its_comparison(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    page = dashboard_pages.page(partial(chip_releases.draw_release_form, chip_id=CHIP, once="key"), "editor")
    next(one for one in page.text_input if one.label == "Name").input("friday")
    assert not press(page, "releases.new.go").exception
    dashboard_pages.qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(45.2)}, reason="by hand")

    page = dashboard_pages.page(partial(chip_releases.render, chip_id=CHIP), "viewer", chip=CHIP)
    assert not page.exception
    assert page.selectbox[0].value == "friday"
    assert f"/compare?chip={CHIP}&before=release%3Afriday" in join_texts(page)
    assert "Preview a reversion to friday" in join_texts(page)
    assert not {"releases.create", "releases.delete"} & {str(one.key) for one in page.button}


def test_a_viewer_sees_changes_and_previews_but_no_buttons(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    dashboard_pages.qdash.get(VALUES).set(access, CHIP, "0", {"t1": Parameter(45.2)}, reason="by hand")
    for render, params in (
        (changes, {"chip": CHIP, "revert": measured.execution_id}),
        (result.render, {"result": measured.task_id}),
        (qubit, {"chip": CHIP, "qubit": "0"}),
    ):
        page = dashboard_pages.page(render, "viewer", **params)
        assert not page.exception
        keys = {str(one.key) for one in page.button}
        assert not {
            one for one in keys if one.startswith(("decide", "values.set", "changes.undo", "revert.go"))
        }
