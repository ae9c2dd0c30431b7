"""View of executions: counts, times, targets, parameters, queue positions, and results page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import pytest

from qdash_api.samples import read_samples
from qdash_builtin.runs.pages.execution_actions import can_be_rerun, can_be_resumed, is_active
from qdash_builtin.runs.pages.execution_durations import summarize_tasks
from qdash_builtin.runs.pages.execution_header import describe_targets, list_attempts, list_parameters
from qdash_builtin.runs.pages.execution_tasks import LoadedResults, find_stages, format_message, format_values
from qdash_builtin.runs.pages.queue import find_previous, make_later_change
from qdash_builtin.runs.pages.refit_display import get_shown_start
from qdash_builtin.runs.views.executions import ExecutionView
from qdash_builtin.runs.views.queue import QueueEntryDocument
from qdash_builtin.runs.views.results import ResultDocument
from qdash_builtin.runs.views.timelines import SpanDocument
from qdash_core.models.request import RunRequest
from qdash_core.models.task import MeasurementOrigin
from qdash_ui_streamlit.display.counts import format_counts_html
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.times import format_duration
from qdash_ui_streamlit.view import View

if TYPE_CHECKING:
    from qdash_core.operations.operation import Operation

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_execution(**changes: Any) -> ExecutionView:
    request = {"chip_id": "a", "flow": "bring-up"}
    return ExecutionView.model_validate(
        {**read_samples("qdash_builtin")["ExecutionHeader"], "stages": [], "request": request, **changes}
    )


def make_result(**changes: Any) -> ResultDocument:
    return ResultDocument.model_validate({**read_samples("qdash_builtin")["ResultDocument"], **changes})


def make_queue_entries(*ids: str) -> list[QueueEntryDocument]:
    return [
        QueueEntryDocument.model_validate(
            {**read_samples("qdash_builtin")["QueueEntryDocument"], "execution_id": one}
        )
        for one in ids
    ]


@pytest.mark.parametrize(
    ("changes", "goes", "resumes", "again"),
    [
        ({"status": "scheduled", "tasks": {}}, True, False, False),
        ({"status": "running", "tasks": {"failed": 1}}, True, False, False),
        ({"status": "running", "tasks": {"failed": 1}, "interrupted": True}, False, True, False),
        ({"status": "failed", "tasks": {"failed": 1}}, False, True, True),
        ({"status": "cancelled", "tasks": {"completed": 3}}, False, True, False),
        ({"status": "completed", "tasks": {"completed": 3, "failed": 1}}, False, False, True),
        ({"status": "completed", "tasks": {"completed": 3}}, False, False, False),
        ({"status": "failed", "tasks": {"failed": 1}, "request": None}, False, False, False),
        ({"status": "failed", "tasks": {"failed": 1}, "request": {"flow": "a.py"}}, False, False, False),
        ({"status": "failed", "tasks": {}, "request": {"flow": "a", "flow_version": 1}}, False, True, False),
    ],
)
def test_possible_actions_follow_from_the_status_of_an_execution(
    changes: dict[str, Any], goes: bool, resumes: bool, again: bool
) -> None:
    shown = make_execution(**changes)
    assert (is_active(shown), can_be_resumed(shown), can_be_rerun(shown)) == (goes, resumes, again)


@pytest.mark.parametrize(
    ("request_of", "text"),
    [
        ({}, "all qubits"),
        ({"targets": {"qubits": ["0", "1"]}}, "0, 1"),
        ({"targets": {"qubits": [str(one) for one in range(12)]}}, "0, 1, 2, 3, 4, 5 and 6 more"),
        ({"targets": {"couplings": []}}, "all couplings"),
        ({"targets": {"muxes": [0, 3], "exclude": ["7"]}}, "multiplexers 0, 3 except 7"),
        ({"only": ["stale", "failed"]}, "all qubits that are stale or failed"),
        ({"single": ""}, "the chip"),
        ({"single": "4"}, "4"),
    ],
)
def test_targets_are_described_briefly(request_of: dict[str, Any], text: str) -> None:
    assert describe_targets(RunRequest.model_validate({"flow": "bring-up", **request_of})) == text


def test_parameters_of_tasks_and_of_the_flow_are_listed_by_name() -> None:
    asked = {"run_parameters": {"shots": 512, "CheckT1": {"shots": 2048}}, "parameters": {"again": True}}
    rows = list_parameters(RunRequest.model_validate({"flow": "bring-up", **asked}))
    assert {row["name"]: row["value"] for row in rows} == {
        "shots": "512",
        "CheckT1.shots": "2048",
        "flow: again": "True",
    }


def test_an_active_run_attempt_has_no_wall_time() -> None:
    first = {"username": "bob", "start_at": NOON, "end_at": NOON + timedelta(seconds=93.2)}
    going = {"username": "bob", "start_at": first["end_at"]}
    rows = list_attempts(make_execution(attempts=[first, going]))
    assert [row["wall_s"] for row in rows] == [pytest.approx(93.2), None]


def test_a_run_moves_by_one_position_within_the_queue() -> None:
    entries = make_queue_entries("a", "b", "c")
    assert [find_previous(entries, one) for one in "abc"] == [None, "a", "b"]
    moved = [make_later_change(entries, one) for one in "abc"]
    assert moved == [{"before": "c"}, {"last": True}, None]


def test_the_task_with_the_longest_total_comes_first() -> None:
    spans = [
        SpanDocument(target=target, task=task, lab_start_s=0.0, lab_s=lab_s)
        for target, task, lab_s in (("0", "A", 1.0), ("1", "A", 2.0), ("2", "A", 6.0), ("", "B", 10.0))
    ]
    first, second = summarize_tasks(spans)
    assert (first["task"], first["target"], first["total_s"]) == ("B", "the chip", 10.0)
    assert (second["count"], second["median_s"], second["longest_s"], second["target"]) == (3, 2.0, 6.0, "2")


def test_tasks_are_listed_with_their_stages() -> None:
    stages = [{"tasks": ["A", "B"], "groups": []}, {"tasks": ["B"], "groups": []}]
    assert find_stages(make_execution(stages=stages)) == {"A": [1], "B": [1, 2]}


def test_results_are_described_with_values_and_attempts() -> None:
    t1 = {"t1": {"value": 81.5, "error": 1.3, "unit": "us"}}
    assert format_values(make_result(output_parameters=t1), {"t1": "T1"}) == [
        "T1: 81.5(13)\N{NO-BREAK SPACE}µs"
    ]
    assert format_values(make_result(output_parameters={}), {}) == []
    measured = MeasurementOrigin(start_at=NOON, end_at=NOON, username="alice")
    rejection = {"verdict": "rejected", "decided_at": NOON}
    again = make_result(
        analysis_model=None,
        decisions={"t1": {**rejection, "username": "bob", "reason": "two-level system"}},
        refit_of="b",
        attempt=2,
        message="poor",
        username="bob",
        measured=measured,
        end_at=NOON + timedelta(days=1),
    )
    view = View(cast("Any", None), cast("Any", None), "p", ZoneInfo("UTC"))
    shown = format_message(view, again, {}).replace("\N{NO-BREAK SPACE}", " ")
    assert (
        shown
        == f"refit {NOON + timedelta(days=1):%Y-%m-%d %H:%M} UTC by bob; attempt 2; poor; rejected by bob: two-level system"
    )
    assert get_shown_start(again) == NOON


def test_results_are_loaded_and_reloaded_page_by_page() -> None:
    places: list[str | None] = []

    def ask(operation: Operation[..., Any], **_: Any) -> Any:
        after = operation.options.after
        places.append(after)
        number = int(after or 0)
        following = str(number + 1) if number < 2 else None
        return SimpleNamespace(items=[make_result(task_id=f"r{number}")], next=following)

    read = LoadedResults({"execution_id": "e"})
    read.refresh(ask)
    read.load_more(ask)
    read.refresh(ask)  # the previous ones are recent enough
    assert (places, read.next) == ([None, "1"], "2")
    read.refresh(ask)
    read.load_more(ask)
    assert [one.task_id for one in read.results] == ["r0", "r1", "r2"]
    assert (places, read.next) == ([None, "1", None, "1", "2"], None)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (0.45, "450 ms"),
        (7.33, "7.3 s"),
        (42.4, "42 s"),
        (59.7, "1 min"),
        (458.1, "7 min 38 s"),
        (7440.0, "2 h 4 min"),
        (51 * 3600.0, "2 d 3 h"),
    ],
)
def test_durations_are_formatted_with_significant_digits(seconds: float, text: str) -> None:
    assert format_duration(seconds).replace("\N{NO-BREAK SPACE}", " ") == text


def test_markdown_in_a_message_is_escaped() -> None:
    assert escape_markdown("a *b* [c](d) $x$ :e: 5_6") == r"a \*b\* \[c\]\(d\) \$x\$ \:e\: 5\_6"


def test_counts_are_words_with_links_in_display_order() -> None:
    view: Any = SimpleNamespace(link=lambda page, **params: f"/{page}?{params['outcome']}")
    said = format_counts_html(view, "e", {"skipped": 7, "failed": 0, "flagged": 1, "accepted": 1008})
    assert said == (
        '<a href="/execution?accepted">1008\N{NO-BREAK SPACE}accepted</a>, <a href="/execution?flagged">1\N{NO-BREAK SPACE}flagged</a>, '
        '<a href="/execution?skipped">7\N{NO-BREAK SPACE}skipped</a>'
    )
