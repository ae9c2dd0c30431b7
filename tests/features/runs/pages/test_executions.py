"""Executions and the queue for users, with the actions of editors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.runs.operations.executions import cancel_execution, execution_header, list_executions
from qdash_builtin.runs.operations.queue import list_queue
from qdash_core.models.execution import ExecutionModel, ExecutionStatus
from qdash_core.models.project import DEFAULT_PROJECT
from qdash_core.models.task import TaskResultModel, TaskStatus
from qdash_core.process.clock import utc_now
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import TaskResultHistoryRepository

from ....ui.tables import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from qdash_builtin.runs.views.queue import QueueEntryDocument
    from qdash_ui_streamlit.view import View

    from ....api.conftest import Host

    RequestRun = Callable[..., str]
    OpenPage = Callable[..., AppTest]
    ViewOf = Callable[[str], View]

pytestmark = pytest.mark.slow


def list_buttons(test: AppTest) -> list[str]:
    assert not test.exception
    assert [one.value for one in test.error] in ([], ["No task completed"])
    return [one.label for one in test.button]


def press(test: AppTest, label: str) -> AppTest:
    return next(one for one in test.button if one.label == label).click().run()


def test_a_viewer_has_no_buttons_that_would_be_refused(request_run: RequestRun, open_page: OpenPage) -> None:
    failed, waiting = request_run("Broken", performed=True), request_run()
    for view in ("tasks", "timeline", "durations", "log"):
        for run in (failed, waiting):
            assert list_buttons(open_page("viewer", "execution", execution=run, view=view)) == []
    assert list_buttons(open_page("viewer", "executions", view="queue")) == []
    assert list_buttons(open_page("editor", "execution", execution=waiting)) == ["Cancel"]
    assert list_buttons(open_page("editor", "execution", execution=failed)) == [
        "Resume",
        "Rerun incomplete tasks",
    ]


def test_a_run_is_cancelled_only_after_confirmation(
    view_of: ViewOf, request_run: RequestRun, open_page: OpenPage, open_dialog: OpenPage
) -> None:
    run = request_run()
    viewer = view_of("viewer")
    test = press(open_page("editor", "execution", execution=run), "Cancel")
    assert list_buttons(test)[-2:] == ["Cancel the run", "Keep running"]
    press(open_dialog("editor", "runs.pages.cancellation", "ask_to_cancel", run), "Keep running")
    assert viewer.ask(execution_header, run).status == "scheduled"
    press(open_dialog("editor", "runs.pages.cancellation", "ask_to_cancel", run), "Cancel the run")
    assert viewer.ask(execution_header, run).status == "cancelled"


def test_a_rerun_of_incomplete_tasks_is_linked(
    view_of: ViewOf, request_run: RequestRun, open_page: OpenPage
) -> None:
    run = request_run("Broken", performed=True)
    test = press(open_page("editor", "execution", execution=run), "Rerun incomplete tasks")
    newest = view_of("viewer").ask(list_executions).items[0].execution_id
    assert newest != run
    assert f"(/execution?execution={newest})" in test.success[0].value


def test_a_queued_resume_has_no_resume_button(request_run: RequestRun, open_page: OpenPage) -> None:
    run = request_run("Broken", performed=True)
    test = press(open_page("editor", "execution", execution=run), "Resume")
    assert "resumes" in test.success[0].value
    assert list_buttons(test) == ["Rerun incomplete tasks"]


def test_the_filters_and_the_url_agree(request_run: RequestRun, open_page: OpenPage, chip: str) -> None:
    request_run()
    given = {"status": "failed", "verdict": "flagged", "cooldown": "cd-1", "since": "last-night"}
    test = open_page("viewer", "executions", **given, after="nothing")
    assert [one.value for one in test.selectbox] == ["", "last-night", "failed", "flagged", "cd-1", ""]
    test.selectbox[0].set_value(chip).run()
    assert test.query_params["chip"] == chip
    assert "after" not in test.query_params
    test.text_input[0].set_value("Measure").run()
    assert test.query_params["task"] == "Measure"


def test_a_run_without_a_start_is_told_in_words(
    view_of: ViewOf, request_run: RequestRun, open_page: OpenPage
) -> None:
    waiting, removed, performed = request_run(), request_run(), request_run(performed=True)
    view_of("editor").ask(cancel_execution, removed)
    for page, table, cell in (
        ("executions", "Executions", "start_at"),
        ("overview", "Latest executions", "began"),
    ):
        rows = read_rows(open_page("viewer", page), table)
        starts = {row.get("execution_id") or row["href"].partition("=")[2]: row[cell] for row in rows}
        assert (starts[waiting], starts[removed]) == ("waiting", "never started")
        assert starts[performed][:2] == "20"


def test_results_of_all_executions_are_listed_by_the_filters_in_the_url(
    view_of: ViewOf, request_run: RequestRun, open_page: OpenPage
) -> None:
    good, broken = request_run(performed=True), request_run("Broken", performed=True)
    assert list_rows(open_page("viewer", "executions", view="results")) == {good, broken}
    for given, found in (
        ({"verdict": "accepted"}, {good}),
        ({"outcome": "failed"}, {broken}),
        ({"task": "Broken"}, {broken}),
        ({"user": "nobody"}, set()),
        ({"cooldown": "cd-1"}, set()),
        ({"q": "cable"}, {broken}),
    ):
        assert list_rows(open_page("viewer", "executions", view="results", **given)) == found, given
    listed = open_page("viewer", "executions", task="Broken")
    assert list_rows(listed, "executions.table") == {broken}


def test_pages_say_that_a_result_was_left_running_by_a_dead_process(
    host: Host, chip: str, open_page: OpenPage
) -> None:
    about = {
        "project_id": DEFAULT_PROJECT,
        "username": "editor",
        "chip_id": chip,
        "execution_id": "20261121-000",
    }
    running = {"start_at": utc_now(), "name": "CheckT1"}
    repositories = host.qdash.repositories
    repositories.of(ExecutionRepository).add(
        ExecutionModel(**about, **running, status=ExecutionStatus.RUNNING)
    )
    repositories.of(TaskResultHistoryRepository).add(
        TaskResultModel(**about, **running, task_id="r", qid="0", status=TaskStatus.RUNNING)
    )
    (listed,) = read_rows(open_page("viewer", "executions", view="results"), "Results")
    assert listed["status"] == "interrupted"
    (execution,) = read_rows(open_page("viewer", "executions"), "Executions")
    assert [one["text"] for one in execution["results"]] == ["1 interrupted"]
    shown = open_page("viewer", "result", result="r")
    assert not shown.exception
    assert "has left it unfinished" in shown.info[0].value


def list_rows(test: AppTest, key: str = "results.table") -> set[str]:
    """Return the executions in the rows of a table."""
    assert not test.exception
    (shown,) = [one for one in test.get("bidi_component") if key in one.proto.id]
    return {row["execution_id"] for row in json.loads(shown.proto.json)["rows"]}


def test_selected_runs_of_the_queue_are_held_and_removed(
    view_of: ViewOf, request_run: RequestRun, open_page: OpenPage, open_dialog: OpenPage
) -> None:
    first, second = request_run(), request_run()

    def queue() -> dict[str, QueueEntryDocument]:
        return {one.execution_id: one for one in view_of("viewer").ask(list_queue).items}

    test = open_page("editor", "executions", view="queue")
    test.session_state["queue.table"] = {"chosen": [second]}
    test = press(test.run(), "Hold")
    assert {run: entry.state for run, entry in queue().items()} == {first: "waiting", second: "held"}
    assert list_buttons(press(test, "Remove"))[-2:] == ["Remove", "Keep in the queue"]
    about = [queue()[second]]
    press(open_dialog("editor", "runs.pages.queue", "confirm_removal", about), "Keep in the queue")
    assert second in queue()
    press(open_dialog("editor", "runs.pages.queue", "confirm_removal", about), "Remove")
    assert [*queue()] == [first]
