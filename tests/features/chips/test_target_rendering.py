"""Display of the host's view models on pages of qubits, couplings and results."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from qdash_api.samples import read_samples
from qdash_builtin.chips.pages.target_history_figure import make_history_figure
from qdash_builtin.chips.pages.targets import find_neighbours_in_order, list_neighbours
from qdash_builtin.chips.views.chips import ChipDocument
from qdash_builtin.metrics.pages.specification import (
    Scale,
    format_limits,
    format_specification,
    get_scale,
    is_within_limits,
)
from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionDocument
from qdash_builtin.metrics.views.metric_history import HistoryPointDocument
from qdash_builtin.results.pages.refit import get_recorded_option, make_options
from qdash_builtin.results.pages.result_tables import format_run_parameter
from qdash_builtin.runs.views.results import RecordedResult, ResultDocument
from qdash_builtin.runs.views.tasks import RunParameterDocument
from qdash_core.models.marks import Mark, ValueMark
from qdash_core.models.task import TaskStatus, Verdict
from qdash_ui_streamlit.display.statuses import describe_outcome, format_status_html

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ZURICH = ZoneInfo("Europe/Zurich")
NO_RESULT: tuple[ResultDocument, ...] = ()


def make_metric(**more: Any) -> MetricDefinitionDocument:
    usual = {"title": "T1", "unit": "us", "scale": 1.0, "better": "maximize", "magnitude": False}
    return MetricDefinitionDocument(**{**usual, **more})


def make_point(task_id: str, value: float, *, hours: int = 0, **more: Any) -> HistoryPointDocument:
    at = NOON + timedelta(hours=hours)
    usual = {"task": "CheckT1", "execution_id": "e", "unit": "us", "verdict": "accepted", "reasons": []}
    usual |= {"username": "alice", "in_use": False, "manual": False}
    return HistoryPointDocument(
        **{
            **usual,
            "task_id": task_id,
            "value": value,
            "error": 2.0,
            "calibrated_at": at,
            "saved": True,
            "simulated": False,
            **more,
        }
    )


def make_result(**more: Any) -> RecordedResult:
    return RecordedResult(**{**read_samples("qdash_builtin")["RecordedResult"], **more})


@pytest.mark.parametrize(
    ("asked", "good", "bad"),
    [
        ({"threshold": 100.0, "specification": "at least 100 us"}, 100.0, 99.9),
        ({"better": "minimize", "threshold": 0.1, "specification": "at most 0.1"}, -5.0, 0.2),
        ({"better": "minimize", "threshold": 0.1, "magnitude": True, "specification": "at most 0.1 in size"}, -0.1, -0.2),
        ({"better": "none", "range": {"min": 4.0, "max": 5.0}, "specification": "4 to 5 GHz"}, 4.0, 5.1),
    ],
)  # fmt: skip
def test_a_value_is_within_specification_as_the_metrics_file_defines_it(
    asked: dict[str, Any], good: float, bad: float
) -> None:
    assert (is_within_limits(make_metric(**asked), good), is_within_limits(make_metric(**asked), bad)) == (
        True,
        False,
    )


def test_a_value_that_rounds_to_its_limit_shows_by_how_much_it_misses_it() -> None:
    asked = make_metric(unit="%", scale=100.0, threshold=0.99, specification="at least 99 %")
    close = format_specification(asked, 0.989996, 0.002)
    assert close == "at least 99\N{NO-BREAK SPACE}% (0.0004\N{NO-BREAK SPACE}% below the limit)"
    for value, error in ((0.97, 0.002), (0.995, 0.002), (None, None)):
        assert format_specification(asked, value, error) == "at least 99\N{NO-BREAK SPACE}%"
    assert format_specification(None, 1.0) == ""


def test_a_value_without_a_specification_is_not_judged() -> None:
    assert is_within_limits(make_metric(), 3.0) is None
    assert is_within_limits(None, 3.0) is None
    assert format_limits(make_metric(range={"min": 25.0, "max": 200.0})) == []


def test_values_use_the_unit_of_the_metrics_file_or_the_stored_one() -> None:
    shown = get_scale("anharmonicity", make_metric(title="Anharmonicity", unit="MHz", scale=1000.0))
    assert shown.shown(-0.34, 0.001) == (-340.0, 1.0, "MHz")
    assert get_scale("my_metric", None, "K").shown(0.012) == (0.012, None, "K")


def test_neighbours_of_a_target_follow_the_layout() -> None:
    state: dict[str, Any] = {"status": "pending", "mux": None}
    chip = ChipDocument(
        project_id="p", username="u", chip_id="a", size=3, topology_id="t", backend="fake", installed_at=NOON,
        n_couplings=2, qubits=dict.fromkeys("012", state),
        couplings={qid: {"status": "pending", "control": None} for qid in ("0-1", "1-2")},
    )  # fmt: skip
    assert list_neighbours(chip, "1") == ["0-1", "1-2"]
    assert list_neighbours(chip, "1-2") == ["1", "2"]
    assert (
        find_neighbours_in_order(chip, "0"),
        find_neighbours_in_order(chip, "1"),
        find_neighbours_in_order(chip, "2"),
    ) == ((None, "1"), ("0", "2"), ("1", None))
    assert find_neighbours_in_order(chip, "1-2") == ("0-1", None)


def test_a_history_names_the_marks_of_the_value_in_use() -> None:
    marks = [ValueMark(mark=Mark.LAST_FAILED, reason="CheckT1 failed: no decay", task_id="r9")]
    figure = make_history_figure(
        [make_point("used", 81.0)],
        NO_RESULT,
        make_metric(),
        Scale("T1", "us"),
        ZURICH,
        in_use="used",
        marks=marks,
        design=None,
    )
    ring = figure["data"][-1]
    assert (ring["name"], ring["text"]) == ("in use (✗ last failed)", ["✗ last failed"])
    assert ring["customdata"][0][1].endswith("last failed: CheckT1 failed: no decay")


def test_a_history_distinguishes_verdicts_trials_scopes_and_the_value_in_use() -> None:
    points = [
        make_point("used", 81.0, hours=3),
        make_point("odd", 20.0, hours=2, verdict="flagged", reasons=["t1 is 20 us, and was 81 us"]),
        make_point("trial", 85.0, hours=1, saved=False),
        make_point("scoped", 84.0, hours=1, saved=False, scope="evening"),
        make_point("old", 80.0, error=None),
    ]
    asked = make_metric(threshold=100.0, specification="at least 100 us")
    figure = make_history_figure(
        points, NO_RESULT, asked, Scale("T1", "us"), ZURICH, in_use="used", design=None
    )
    traces = {trace["name"]: trace for trace in figure["data"]}
    assert [*traces] == ["accepted", "accepted, trial", "accepted, in a value scope", "flagged", "in use"]
    assert len({(one["marker"]["symbol"], one["marker"]["color"]) for one in traces.values()}) == 5
    assert "in value scope evening" in traces["accepted, in a value scope"]["customdata"][0][1]
    assert traces["accepted"]["x"] == ["2026-11-20T16:00:00", "2026-11-20T13:00:00"]
    assert traces["accepted"]["error_y"]["array"] == [2.0, None]
    assert traces["in use"]["customdata"][0][0] == "used"
    assert (
        "t1 is 20\N{NO-BREAK SPACE}µs, and was 81\N{NO-BREAK SPACE}µs"
        in traces["flagged"]["customdata"][0][1]
    )
    assert [line["y0"] for line in figure["layout"]["shapes"]] == [100.0]


def test_the_axis_of_a_history_fits_the_values_and_a_far_level_is_an_arrow_with_its_number() -> None:
    points = [make_point("old", 80.0), make_point("used", 84.0, hours=3)]
    asked = make_metric(threshold=79.0, specification="at least 79 us")
    layout = make_history_figure(
        points, NO_RESULT, asked, Scale("T1", "us"), ZURICH, in_use="used", design=400.0
    )["layout"]
    low, high = layout["yaxis"]["range"]
    assert 70.0 < low < 78.0
    assert 86.0 < high < 90.0
    assert [line["y0"] for line in layout["shapes"]] == [79.0]
    assert [one["text"] for one in layout["annotations"]] == [
        "at least 79\N{NO-BREAK SPACE}µs",
        "▲ design: 400\N{NO-BREAK SPACE}µs",
    ]


def test_the_axis_of_a_single_value_fits_its_error() -> None:
    layout = make_history_figure(
        [make_point("used", 80.0)], NO_RESULT, None, Scale("T1", "us"), ZURICH, in_use="used", design=10.0
    )["layout"]
    low, high = layout["yaxis"]["range"]
    assert 77.0 < low < 78.0 < 82.0 < high < 83.0
    assert [one["text"] for one in layout["annotations"]] == ["▼ design: 10\N{NO-BREAK SPACE}µs"]


def test_a_failure_is_in_the_history_without_a_value() -> None:
    failed = ResultDocument(
        **{
            **read_samples("qdash_builtin")["ResultDocument"],
            "status": "failed",
            "message": "no <decay>",
            "output_parameters": {},
        }
    )
    figure = make_history_figure(
        [make_point("old", 0.081)], [failed], None, Scale("T1", "us", 1000.0), ZURICH, in_use=None, design=0.1
    )
    value, failure = figure["data"]
    assert value["y"] == [81.0]
    assert (failure["yaxis"], failure["customdata"][0][0]) == ("y2", failed.task_id)
    assert "no &lt;decay&gt;" in failure["customdata"][0][1]
    assert [(line["y0"], line["line"]["dash"]) for line in figure["layout"]["shapes"]] == [(100.0, "dot")]


def test_the_options_of_a_refit_start_from_the_recorded_ones_and_an_empty_field_restores_the_default() -> (
    None
):
    envelope = RunParameterDocument(
        value="auto", value_type="str", unit="", choices=["auto", "gaussian"], description=""
    )
    window = RunParameterDocument(value=None, value_type="str", unit="us", description="")
    again = make_result(
        analysis_options={
            "fit_window": {"value": "0..60", "value_type": "str", "unit": "us", "description": ""}
        }
    )
    assert get_recorded_option(make_result(), "envelope", envelope) == "auto"
    assert get_recorded_option(make_result(), "fit_window", window) == ""
    assert get_recorded_option(again, "fit_window", window) == "0..60"
    assert make_options({"envelope": "gaussian", "fit_window": " "}) == {
        "envelope": "gaussian",
        "fit_window": None,
    }


def test_a_run_parameter_that_the_task_chose_is_not_zero() -> None:
    sent = {"interval": {"value_type": "float", "unit": "ns", "description": ""}}
    interval = make_result(run_parameters=sent).run_parameters["interval"]
    assert format_run_parameter(interval.value, interval.unit) == "chosen by the task"
    assert (
        format_run_parameter(0, "ns"),
        format_run_parameter([1, 2], "ns"),
        format_run_parameter(True, ""),
    ) == (
        "0\N{NO-BREAK SPACE}ns",
        "[1, 2]\N{NO-BREAK SPACE}ns",
        "true",
    )


@pytest.mark.parametrize(
    ("status", "verdict", "word"),
    [
        (TaskStatus.COMPLETED, Verdict.FLAGGED, "flagged"),
        (TaskStatus.COMPLETED, None, "completed"),
        (TaskStatus.FAILED, Verdict.REJECTED, "rejected"),
        (TaskStatus.FAILED, Verdict.ACCEPTED, "failed"),
    ],
)
def test_the_verdict_is_the_outcome_of_a_completed_result(
    status: TaskStatus, verdict: Verdict | None, word: str
) -> None:
    assert describe_outcome(status, verdict) == word


def test_a_status_is_escaped_in_html() -> None:
    assert "<b>" not in format_status_html("<b>")
