"""Pages of a qubit and of a result: contents, number of requests, permissions, notes and refits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.chips.pages.target import draw_target
from qdash_builtin.chips.pages.targets import COUPLING, QUBIT
from qdash_builtin.notes.operations.notes import note_target, show_note_of_result, show_note_of_target
from qdash_builtin.notes.requests import NoteRequest
from qdash_builtin.results.operations.results import list_results, show_result
from qdash_builtin.results.pages import own_analysis, result, result_tables
from qdash_builtin.runs.operations.tasks import show_task
from qdash_builtin.runs.views.results import RecordedResult
from qdash_core import RawData
from qdash_core.models.chip import ParameterModel
from qdash_core.models.execution import EventModel, ExecutionModel
from qdash_core.models.task import InputModel, LatestResultModel, TaskResultModel, TaskStatus, Verdict
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.executions import EventRepository, ExecutionRepository
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository

from ...core.bench import LINE

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from streamlit.testing.v1 import AppTest

    from qdash_ui_streamlit.view import View

    from ...ui.conftest import DashboardPages

pytestmark = pytest.mark.slow
qubit = partial(draw_target, kind=QUBIT)
coupling = partial(draw_target, kind=COUPLING)

NOON = datetime(2040, 1, 1, 12, tzinfo=UTC)
"""A time after the creation of the chip."""


@pytest.fixture
def record(dashboard_pages: DashboardPages) -> Callable[..., str]:
    """Function that records T1 of a qubit, or else qubit 0, of a new line of qubits, an hour after the previous one."""
    qdash = dashboard_pages.qdash
    access = qdash.access("owner")
    shared = {
        "project_id": access.project_id,
        "username": "owner",
        "chip_id": "a",
        "execution_id": "20400101-000",
    }
    qdash.get(CHIPS).create(access, "a", LINE, backend="fake")
    qdash.repositories.of(ExecutionRepository).add(ExecutionModel(**shared, name="bring-up", start_at=NOON))

    def record(number: int, verdict: Verdict | None = Verdict.ACCEPTED, qid: str = "0") -> str:
        at = NOON + timedelta(hours=number)
        given = ParameterModel(
            value=80.0 + number, error=1.5, unit="us", calibrated_at=at,
            execution_id="20400101-000", task_id=f"r{number}",
        )  # fmt: skip
        one = TaskResultModel(
            **shared, task_id=f"r{number}", name="CheckT1", backend="fake", qid=qid, start_at=at, end_at=at,
            status=TaskStatus.COMPLETED if verdict else TaskStatus.FAILED, verdict=verdict,
            message="" if verdict else "no decay", reasons=["a jump"] if verdict is Verdict.FLAGGED else [],
            output_parameters={"t1": given} if verdict else {}, output_parameter_names=["t1"],
        )  # fmt: skip
        raw = RawData(
            {"delay": (np.linspace(0.0, 400.0, 41), "us"), "signal": (np.exp(-np.linspace(0, 5, 41)), "a.u.")}
        )
        qdash.artifacts.save_raw_data(one.raw_data_file, raw)
        qdash.repositories.of(TaskResultHistoryRepository).add(
            one.model_copy(update={"raw_data_path": [one.raw_data_file]})
        )
        latest = {name: getattr(one, name) for name in LatestResultModel.model_fields if hasattr(one, name)}
        flagged = one.task_id if verdict is Verdict.FLAGGED else None
        qdash.repositories.of(LatestResultRepository).put(
            LatestResultModel(**latest, flagged_task_id=flagged)
        )
        if verdict is Verdict.ACCEPTED:
            qdash.repositories.of(QubitCalibrationRepository).update_calib_data(
                access.project_id, "a", qid, {"t1": given}
            )
        event = EventModel(project_id=access.project_id, chip_id="a", kind="task.completed")
        qdash.repositories.of(EventRepository).append(event)
        return one.task_id

    return record


def record_requests(view: View) -> list[str]:
    """Return a list that collects the paths of a view's requests from now on."""
    paths: list[str] = []

    def heard(request: httpx.Request) -> None:
        paths.append(request.url.path)

    view.connection.event_hooks["request"].append(heard)
    return paths


def join_texts(page: AppTest) -> str:
    assert not page.exception
    told: list[Any] = [*page.markdown, *page.caption, *page.warning, *page.info, *page.error]
    return "\n".join(one.value for one in told)


def list_buttons(page: AppTest) -> list[str]:
    assert not page.exception
    return [one.label for one in page.button]


def press(page: AppTest, label: str) -> AppTest:
    return next(one for one in page.button if one.label == label).click().run()


def test_a_qubit_page_needs_few_requests(dashboard_pages: DashboardPages, record: Callable[..., str]) -> None:
    record(1)
    view = dashboard_pages.view("viewer")
    asked = record_requests(view)
    page = dashboard_pages.draw(qubit, view, chip="a", qubit="0", metric="t1")
    assert [one.value for one in page.title] == ["Qubit 0"]
    assert [one.value for one in page.header] == [
        *("Values", "History", "Latest results", "Note", "Open issues", "Changes")
    ]
    assert [one.label.split(":")[0] for one in page.expander] == ["Never measured", "Table"]
    # The task cannot draw these raw data: a message replaces the figure, and the page works.
    assert ["CheckT1.figure failed" in one.value for one in page.error] == [True]
    assert len(asked) <= 12, asked
    assert asked.count("/chips/a/qubits/0") == 1


def test_flagged_and_failed_values_are_distinguished_from_values_in_use(
    dashboard_pages: DashboardPages, record: Callable[..., str]
) -> None:
    record(1)
    record(2, Verdict.FLAGGED)
    page = dashboard_pages.page(qubit, "viewer", chip="a", qubit="0")
    assert "were flagged and are not in use" in join_texts(page)
    record(3, None)
    view = dashboard_pages.view("viewer")
    asked = record_requests(view)
    page = dashboard_pages.draw(qubit, view, chip="a", qubit="0")
    assert not page.exception
    assert len(asked) <= 15, (
        asked
    )  # the likely causes without a click, and the titles of parameters once in ten minutes
    assert "/chips/a/targets/0/explanation" in asked


def test_an_unknown_qubit_leads_to_a_list_of_qubits(
    dashboard_pages: DashboardPages, record: Callable[..., str]
) -> None:
    page = dashboard_pages.page(qubit, "viewer", chip="a", qubit="99")
    assert [one.value for one in page.title] == ["Qubits of a"]
    assert "Chip a has no qubit 99" in join_texts(page)


def test_a_coupling_without_results_shows_a_message(
    dashboard_pages: DashboardPages, record: Callable[..., str]
) -> None:
    page = dashboard_pages.page(coupling, "editor", chip="a", coupling="0-1")
    assert [one.value for one in page.title] == ["Coupling 0-1"]
    assert "No results for this coupling yet." in join_texts(page)
    assert "No accepted values for this coupling yet." in join_texts(page)


def test_a_viewer_has_no_buttons_that_change_data(
    dashboard_pages: DashboardPages, record: Callable[..., str]
) -> None:
    task_id = record(1)
    assert list_buttons(dashboard_pages.page(qubit, "viewer", chip="a", qubit="0")) == [
        "Dry run …",
        "Dry run of this task …",
    ]
    assert list_buttons(dashboard_pages.page(result.render, "viewer", result=task_id)) == [
        "Refit …",
        "Collect for overlays",
    ]
    offered = list_buttons(dashboard_pages.page(qubit, "editor", chip="a", qubit="0"))
    assert offered == [
        "Calibrate …",
        "Exclude …",
        "Set value …",
        "Add note on T1 of qubit 0",
        "Run again …",
        "Add note",
    ]


def test_a_concurrent_edit_of_a_note_is_shown_with_the_typed_text(
    dashboard_pages: DashboardPages, record: Callable[..., str]
) -> None:
    editor, other = dashboard_pages.view("editor"), dashboard_pages.view("owner")
    page = dashboard_pages.draw(qubit, editor, chip="a", qubit="0")
    page.button(key="note.qubit.a.0.edit").click().run()
    other.ask(note_target, "a", "0", body=NoteRequest(content="theirs"))
    page.text_area[0].input("mine")
    page = press(page, "Save")
    assert "Another user changed the note on qubit 0" in join_texts(page)
    assert page.text_area[0].value == "mine"
    assert other.ask(show_note_of_target, "a", "0").note.content == "theirs"
    page = press(page, "Overwrite with mine")
    assert not page.text_area
    note = other.ask(show_note_of_target, "a", "0").note
    assert (note.content, note.updated_by) == ("mine", "editor")
    page.toggle(key="note.qubit.a.0.log").set_value(True).run()
    page = press(page, "Restore")
    assert other.ask(show_note_of_target, "a", "0").note.content == "theirs"


def test_a_concurrent_edit_can_be_kept(dashboard_pages: DashboardPages, record: Callable[..., str]) -> None:
    editor, other = dashboard_pages.view("editor"), dashboard_pages.view("owner")
    page = dashboard_pages.draw(qubit, editor, chip="a", qubit="0")
    page.button(key="note.qubit.a.0.edit").click().run()
    other.ask(note_target, "a", "0", body=NoteRequest(content="theirs"))
    page.text_area[0].input("mine")
    page = press(press(page, "Save"), "Keep theirs")
    assert not page.text_area
    assert other.ask(show_note_of_target, "a", "0").note.content == "theirs"


def test_a_result_page_shows_other_attempts_with_few_requests(
    dashboard_pages: DashboardPages, record: Callable[..., str]
) -> None:
    record(1)
    view = dashboard_pages.view("viewer")
    asked = record_requests(view)
    page = dashboard_pages.draw(result.render, view, result=record(2, None))
    assert [one.value for one in page.title] == ["CheckT1 on qubit 0"]
    assert [one.value for one in page.header] == [
        *("Values", "Explanation", "Issues", "Inputs", "Run parameters"),
        *("Other task attempts and analyses", "Origin and use", "Note"),
    ]
    assert "Missing outputs: T1." in join_texts(page)
    assert len(asked) <= 9, asked


@pytest.mark.parametrize("undeclared", [True, None])
def test_undeclared_inputs_are_marked(
    dashboard_pages: DashboardPages, monkeypatch: pytest.MonkeyPatch, undeclared: bool | None
) -> None:
    tables: dict[str, tuple[list[str], list[str]]] = {}

    def collect(_view: View, columns: Any, rows: Any, *, key: str, **_: Any) -> None:
        tables[key] = ([one.title for one in columns], [row.get("declared", "") for row in rows])

    monkeypatch.setattr(result_tables, "table", collect)
    used = {"t1": InputModel(value=80.0), "drag_hpi_beta": InputModel(value=0.2, undeclared=undeclared)}
    recorded = RecordedResult.from_record(
        TaskResultModel(
            project_id="p", username="u", chip_id="a", execution_id="20400101-000", task_id="r1", name="CheckT1",
            qid="0", input_parameters=used,
        )
    )  # fmt: skip
    result_tables.draw_inputs(dashboard_pages.view("viewer"), recorded, {})
    titles = ["Parameter", "Value", "Source", "Declaration"]
    assert tables["inputs"] == ((titles, ["", "undeclared"]) if undeclared else (titles[:3], ["", ""]))


def test_an_input_that_a_run_was_given_names_no_result(
    dashboard_pages: DashboardPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources: dict[str, str] = {}

    def collect(_view: View, _columns: Any, rows: Any, **_: Any) -> None:
        sources.update({row["name"]: row["from"] for row in rows})

    monkeypatch.setattr(result_tables, "table", collect)
    used = {
        "qubit_frequency": InputModel(value=5.0, from_user=True),
        "readout_amplitude": InputModel(value=0.1),
    }
    recorded = RecordedResult.from_record(
        TaskResultModel(
            project_id="p", username="u", chip_id="a", execution_id="20400101-000", task_id="r1", name="CheckT1",
            qid="0", input_parameters=used,
        )
    )  # fmt: skip
    result_tables.draw_inputs(dashboard_pages.view("viewer"), recorded, {})
    assert sources == {
        "Qubit frequency": "given by the user of the run",
        "Readout amplitude": "default or backend library",
    }


def test_an_unknown_result_shows_a_message(dashboard_pages: DashboardPages) -> None:
    assert "There is no result r9" in join_texts(dashboard_pages.page(result.render, "viewer", result="r9"))


def test_a_refused_option_records_nothing_and_a_refit_is_recorded_after_its_preview(
    dashboard_pages: DashboardPages, record: Callable[..., str]
) -> None:
    view = dashboard_pages.view("editor")
    page = dashboard_pages.draw(result.render, view, result=record(1))
    page = press(page, "Refit …")
    assert page.toggle(key="refit.r1.open").value
    window: Any = page.text_input(key="refit.r1.fit_window")
    window.input("60..40")
    page = press(page, "Preview refit")
    assert [one.value for one in page.error if "fit_window" in one.value]
    assert "Record refit" not in list_buttons(page)
    page.text_input(key="refit.r1.fit_window").input("")
    page = press(page, "Preview refit")
    assert "**Preview of the refit**" in join_texts(page)
    page = press(page, "Record refit")
    assert [one.value for one in page.warning] == ["Enter the reason for the refit."]
    assert len(view.ask(list_results, target="0").items) == 1
    page.text_input(key="refit.r1.reason").input("late points drift")
    page = press(page, "Record refit")
    assert "Recorded: [open the refit]" in "".join(one.value for one in page.success)
    items = view.ask(list_results, target="0").items
    assert sorted(str(one.refit_of) for one in items) == ["None", "r1"]
    (refit,) = [one.task_id for one in items if one.refit_of]
    written = view.ask(show_note_of_result, refit).note
    assert written is not None
    assert written.content == "late points drift"


def test_an_overlay_offers_the_same_target_first_and_then_the_newest(
    dashboard_pages: DashboardPages, record: Callable[..., str]
) -> None:
    for number, qid in enumerate(("0", "0", "1", "2"), start=1):
        record(number, qid=qid)
    page = dashboard_pages.page(result.render, "viewer", result="r2")
    page.toggle(key="overlay.open.r2").set_value(True).run()
    offered = page.multiselect(key="overlay.chosen.r2").options
    assert [one.split(" · ")[0] for one in offered] == ["qubit 0", "qubit 2", "qubit 1"]


def test_a_viewer_sees_both_analyses_and_cannot_record(
    dashboard_pages: DashboardPages, record: Callable[..., str]
) -> None:
    page = dashboard_pages.page(result.render, "viewer", result=record(1))
    page.toggle(key="refit.r1.open").set_value(True).run()
    assert "**Preview of the refit**" in join_texts(page)
    assert not {"Record refit", "Record own analysis …"} & {*list_buttons(page)}


def test_an_own_analysis_is_recorded_once(
    dashboard_pages: DashboardPages, record: Callable[..., str]
) -> None:
    view = dashboard_pages.view("editor")
    page = dashboard_pages.draw(result.render, view, result=record(1))
    assert "Record own analysis …" in list_buttons(page)
    found = view.ask(show_result, "r1")
    outputs = view.ask(show_task, "CheckT1").output_parameters
    form = dashboard_pages.draw(
        lambda view: own_analysis.draw_analysis_form(view, found, outputs, once="once"), view
    )
    form.text_input(key="analysis.model").input("stretched exponential")
    form.text_input(key="analysis.value.t1").input("8o")
    press(form.run(), "Record")
    assert [one.value for one in form.error] == ["The t1 '8o' is not a finite number"]
    form.text_input(key="analysis.value.t1").input("81.5")
    form.text_input(key="analysis.error.t1").input("0.5")
    form.checkbox(key="analysis.save").uncheck()
    press(press(form.run(), "Record"), "Record")
    assert not form.error
    (new,) = (one for one in view.ask(list_results, target="0").items if one.refit_of == "r1")
    recorded = view.ask(show_result, new.task_id)
    assert recorded.analysis_model == "stretched exponential"
    assert [(one.value, one.error) for one in recorded.output_parameters.values()] == [(81.5, 0.5)]
