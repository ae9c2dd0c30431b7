"""Users' own analyses of raw data: recorded as results with their author, validated and used like any other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.selection import Period
from qdash_builtin.notes.feature import NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.provenance.feature import PROVENANCE
from qdash_builtin.provenance.views.provenance import ProvenanceDocument
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.user_analyses import LONGEST_MODEL, UserAnalysis
from qdash_builtin.values.feature import VALUES
from qdash_core import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    OutputParameter,
    Parameter,
    ProjectRole,
    RawData,
)
from qdash_core.models.pages import PageRequest
from qdash_core.models.task import AnalysisCurve, TaskStatus, Verdict
from qdash_core.models.value_change import ValueEventKind
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository

from ...access import ADMIN, access_of
from ...core.bench import CHIP, make_task
from .test_refit import get_latest_result, make_finding_task

if TYPE_CHECKING:
    from qdash_core import BaseTask
    from qdash_core.models.access import Access
    from qdash_core.models.task import TaskResultModel

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

ALICE = access_of("alice", role=ProjectRole.EDITOR)
STRETCHED = UserAnalysis({"t1": Parameter(4.0, 0.2, "us")}, "stretched exponential", "exponent 0.83(2)")


def record(
    bench: Bench, result: TaskResultModel, analysis: UserAnalysis = STRETCHED, by: Access = ALICE, **how: Any
) -> TaskResultModel:
    return bench.get_stored(bench.qdash.get(RESULTS).record_analysis(by, result.task_id, analysis, **how))


@pytest.mark.every_store
def test_an_analysis_is_a_result_of_its_author_and_its_accepted_value_becomes_that_of_the_chip(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(make_finding_task(5.0))
    measured = bench.run()
    result = record(bench, measured)
    assert (result.username, result.analysis_model, result.refit_of) == (
        "alice",
        "stretched exponential",
        measured.task_id,
    )
    assert (result.status, result.verdict) == (TaskStatus.COMPLETED, Verdict.ACCEPTED)
    assert result.measured == measured.measurement
    assert (result.raw_data_path, result.execution_id) == (measured.raw_data_path, measured.execution_id)
    estimate = result.output_parameters["t1"]
    assert (estimate.value, estimate.error, estimate.unit) == (4.0, 0.2, "us")
    assert estimate.calibrated_at == measured.end_at
    assert (bench.get_value(), get_latest_result(bench)) == (4.0, result.task_id)
    (latest,) = bench.repositories.of(LatestResultRepository).list_by_task(result.project_id, CHIP, "Measure")
    assert (latest.refitted_by, latest.analysis_model) == ("alice", "stretched exponential")
    assert bench.get_stored(measured).output_parameters["t1"].value == 5.0


def test_the_note_of_an_analysis_is_a_note_on_its_result(make_bench: MakeBench) -> None:
    bench = make_bench(make_finding_task(5.0))
    result = record(bench, bench.run())
    placed = bench.qdash.get(NOTES).show(ADMIN, NotePlace(NoteScope.TASK_RESULT, result.task_id))
    assert (placed.note.content, placed.note.updated_by) == ("exponent 0.83(2)", "alice")
    (event,) = bench.qdash.get(NOTES).get_events_page(ADMIN, PageRequest(10), chip_id=CHIP).items
    assert (event.target_id, event.actor, event.content) == (result.task_id, "alice", "exponent 0.83(2)")


def test_history_log_and_provenance_show_a_users_analysis(make_bench: MakeBench) -> None:
    bench = make_bench(make_finding_task(5.0))
    measured = bench.run()
    result = record(bench, measured)
    newest, first = bench.qdash.get(METRICS).get_history(ADMIN, CHIP, "0", "t1", period=Period()).points
    assert (newest.result.analysis_model, newest.result.username, newest.in_use) == (
        "stretched exponential",
        "alice",
        True,
    )
    assert (first.result.analysis_model, first.in_use) == (None, False)
    event = bench.qdash.get(VALUES).list_events(ADMIN, CHIP, PageRequest(1)).items[0].head
    assert (event.kind, event.username, event.reason, event.task_id) == (
        ValueEventKind.ANALYSED,
        "alice",
        "stretched exponential",
        result.task_id,
    )
    graph = bench.qdash.get(PROVENANCE).trace_value(ADMIN, CHIP, "0", "t1")
    shown = ProvenanceDocument.from_graph(graph).as_json()
    activity = shown["activity"][f"result:{result.task_id}"]
    assert activity["analysis_model"] == "stretched exponential"
    assert {"activity": f"result:{result.task_id}", "agent": "user:alice"} in shown["wasAssociatedWith"]
    assert {
        "generatedEntity": f"value:{result.task_id}/t1",
        "usedEntity": f"value:{measured.task_id}/t1",
    } in shown["wasDerivedFrom"]


def test_an_undo_restores_the_value_before_and_withdraws_the_analysis(make_bench: MakeBench) -> None:
    bench = make_bench(make_finding_task(5.0))
    measured = bench.run()
    result = record(bench, measured)
    bench.qdash.get(VALUES).undo(ALICE)
    assert bench.get_value() == 5.0
    assert bench.get_stored(result).decisions["t1"].verdict == "rejected"
    later = bench.run()
    bench.qdash.get(VALUES).reject(ALICE, later.task_id, reason="two-level system")
    assert bench.get_qubit().data["t1"].task_id == measured.task_id


def test_an_analysis_that_is_not_saved_is_only_recorded(make_bench: MakeBench) -> None:
    bench = make_bench(make_finding_task(5.0))
    measured = bench.run()
    trial = UserAnalysis(STRETCHED.parameters, "stretched exponential", saved=False)
    assert record(bench, measured, trial).saved is False
    assert (bench.get_value(), get_latest_result(bench)) == (5.0, measured.task_id)
    assert record(bench, bench.run(saved=False)).saved is False
    assert bench.get_value() == 5.0


def test_a_value_measured_later_stays(make_bench: MakeBench) -> None:
    bench = make_bench(make_finding_task(5.0))
    old, new = bench.run(), bench.run()
    assert record(bench, old).status is TaskStatus.COMPLETED
    assert get_latest_result(bench) == new.task_id
    assert bench.get_qubit().data["t1"].task_id == new.task_id


def test_validators_judge_an_analysis_like_any_other_result(make_bench: MakeBench) -> None:
    t1 = OutputParameter(unit="us", description="", minimum=0.0)
    bench = make_bench(make_task(gives={"t1": Parameter(5.0, 0.5, "us")}, output_parameters={"t1": t1}))
    measured = bench.run()
    poor = UserAnalysis(STRETCHED.parameters, "line", quality={"reduced_chi2": 40.0})
    flagged = record(bench, measured, poor)
    assert (flagged.status, flagged.verdict) == (TaskStatus.COMPLETED, Verdict.FLAGGED)
    assert flagged.reasons == ["reduced chi² 40 is above 10: the model does not describe the data"]
    negative = UserAnalysis({"t1": Parameter(-9.0, 0.1)}, "line")
    rejected = record(bench, measured, negative)
    assert (rejected.status, rejected.verdict) == (TaskStatus.FAILED, Verdict.REJECTED)
    assert bench.get_value() == 5.0


def test_an_analysis_may_estimate_a_part_of_the_outputs(make_bench: MakeBench) -> None:
    task = make_task(gives={"t1": Parameter(5.0, 0.5, "us"), "t2_echo": Parameter(7.0, 0.5, "us")})
    bench = make_bench(task)
    record(bench, bench.run())
    assert (bench.get_value("t1"), bench.get_value("t2_echo")) == (4.0, 7.0)


def test_an_analysis_of_an_analysis_is_one_of_the_measurement(make_bench: MakeBench) -> None:
    bench = make_bench(make_finding_task(5.0))
    measured = bench.run()
    again = record(bench, record(bench, measured), UserAnalysis({"t1": Parameter(4.5)}, "two decays"))
    assert (again.refit_of, again.analysis_model) == (measured.task_id, "two decays")
    refit = bench.qdash.get(RESULTS).refit(ADMIN, again.task_id)
    assert (refit.refit_of, refit.analysis_model, bench.get_value()) == (measured.task_id, None, 5.0)


def test_an_estimate_that_cannot_be_one_is_refused_before_anything_is_written(
    make_bench: MakeBench, subtests: pytest.Subtests
) -> None:
    bench = make_bench(make_finding_task(5.0))
    measured = bench.run()
    for parameters, said in [
        ({}, "at least one estimate of t1"),
        ({"t2": Parameter(1.0)}, "Measure has no output 't2'"),
        ({"t1": Parameter(1.0, unit="MHz")}, "t1 is in µs, not in MHz"),
        ({"t1": Parameter(float("nan"))}, "t1 must be a finite number of at most 1e\\+100, not nan"),
        ({"t1": Parameter(1.0, -0.1)}, "the error of t1 must be positive and at most 1e\\+100, not -0.1"),
        ({"t1": Parameter(1.0, 0.0)}, "the error of t1 must be positive and at most 1e\\+100, not 0.0"),
        (
            {"t1": Parameter(1.0, float("inf"))},
            "the error of t1 must be positive and at most 1e\\+100, not inf",
        ),
        ({"t1": Parameter("4")}, "t1 cannot be .*'4'.*give a number"),
        ({"t1": Parameter(1.0, True)}, "t1 cannot be .*error=True.*give a number"),
    ]:
        with subtests.test(str(parameters)):
            with pytest.raises(InvalidInputError, match=said):
                record(bench, measured, UserAnalysis(parameters, "line"))
            assert bench.list_results(measured.execution_id) == [bench.get_stored(measured)]


@pytest.mark.parametrize(
    ("analysis", "said"),
    [
        (UserAnalysis(STRETCHED.parameters, "  "), "needs its model in words"),
        (UserAnalysis(STRETCHED.parameters, "a\nb"), "one line of at most 200 characters"),
        (UserAnalysis(STRETCHED.parameters, "a" * (LONGEST_MODEL + 1)), "one line of at most 200 characters"),
        (UserAnalysis(STRETCHED.parameters, "line", "n" * 1_000_000), "a note of 1000000 characters"),
        (
            UserAnalysis(STRETCHED.parameters, "line", quality={"r": float("inf")}),
            "r must be a finite number",
        ),
    ],
)
def test_texts_and_figures_are_checked_before_anything_is_written(
    make_bench: MakeBench, analysis: UserAnalysis, said: str
) -> None:
    bench = make_bench(make_finding_task(5.0))
    measured = bench.run()
    with pytest.raises(InvalidInputError, match=said):
        record(bench, measured, analysis)
    assert bench.list_results(measured.execution_id) == [bench.get_stored(measured)]


def test_only_editors_record_analyses_and_only_of_ended_results_with_raw_data(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_finding_task(5.0), make_task("NoData", {"f": Parameter(1.0)}, measure=lambda *_: 1)
    )
    measured = bench.run()
    with pytest.raises(AccessDeniedError):
        record(bench, measured, by=access_of("bob", role=ProjectRole.VIEWER))
    with pytest.raises(InvalidInputError, match="has no raw data to analyse"):
        record(bench, bench.run("NoData"), UserAnalysis({"f": Parameter(1.0)}, "line"))
    running = measured.model_copy(update={"task_id": "r", "status": TaskStatus.RUNNING, "end_at": None})
    bench.repositories.of(TaskResultHistoryRepository).add(running)
    with pytest.raises(ConflictError, match="result r is running"):
        record(bench, running)


@pytest.mark.every_store
def test_a_key_records_one_analysis_however_often_it_is_sent(make_bench: MakeBench) -> None:
    bench = make_bench(make_finding_task(5.0))
    measured = bench.run()
    first, second = (record(bench, measured, key="k") for _ in range(2))
    assert first.task_id == second.task_id
    assert len(bench.list_results(measured.execution_id)) == 2
    with pytest.raises(
        ConflictError, match=f"key 'k' stands for another request, which became result {first.task_id}"
    ):
        record(bench, measured, UserAnalysis(STRETCHED.parameters, "line"), key="k")


def test_the_figure_of_an_analysis_shows_the_data_without_the_curve_of_the_task(
    make_bench: MakeBench,
) -> None:
    def figure(cls: object, raw: RawData, output: Any) -> dict[str, Any]:
        return {"data": [{"name": name} for name in ("points", *output.parameters)], "layout": {}}

    bench = make_bench(make_task(gives={"t1": Parameter(5.0, 0.5, "us")}, figure=classmethod(figure)))
    measured = bench.run()
    drawn = [
        bench.qdash.get(RESULTS).figure(ADMIN, one.task_id)
        for one in (measured, record(bench, measured, UserAnalysis(STRETCHED.parameters, "<b>stretched</b>")))
    ]
    assert [one["data"] for one in drawn] == [[{"name": "points"}, {"name": "t1"}], [{"name": "points"}]]
    assert [one["layout"] for one in drawn] == [
        {},
        {"title": {"text": "t1 4.0(2) µs, analysis (&lt;b&gt;stretched&lt;/b&gt;)"}},
    ]


def make_decay_task() -> type[BaseTask]:
    def figure(_cls: object, _raw: RawData, output: Any) -> dict[str, Any]:
        titles = {"xaxis": "Delay (µs)", "yaxis": "Signal (a.u.)" if output.parameters else "I, Q (a.u.)"}
        titles |= {"yaxis2": "Residual (σ)"}
        points = {"type": "scatter", "mode": "markers", "x": [0, 1, 2], "y": [3, 2, 1]}
        points |= {"error_y": {"array": [0.5, 0.5, 0.5]}}
        fit = {"type": "scatter", "mode": "lines", "name": "fit", "x": [0, 1, 2], "y": [3, 2, 1]}
        residual = {"type": "scatter", "mode": "markers", "x": [0, 1, 2], "y": [0, 0, 0], "yaxis": "y2"}
        layout = {axis: {"title": {"text": text}, "range": [-2, 2]} for axis, text in titles.items()}
        return {"data": [points, fit, residual] if output.parameters else [points], "layout": layout}

    return make_task(gives={"t1": Parameter(5.0, 0.5, "us")}, figure=classmethod(figure))


def test_the_curve_of_an_analysis_is_drawn_in_place_of_the_fit_and_overlaid(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(make_decay_task())
    measured = bench.run()
    curve = AnalysisCurve(x=[0.0, 500.0, 2000.0], y=[3.0, 2.5, 1.0], x_unit="ns")
    result = record(bench, measured, replace(STRETCHED, curve=curve))
    figure = bench.qdash.get(RESULTS).figure(ADMIN, result.task_id)
    points, line, residual = figure["data"]
    assert (points["mode"], line["mode"], line["name"]) == ("markers", "lines", "stretched exponential")
    assert (line["x"], line["y"]) == ([0.0, 0.5, 2.0], [3.0, 2.5, 1.0])
    assert (residual["x"], residual["y"]) == ([0.0, 1.0, 2.0], [0.0, 0.0, 0.0])
    assert figure["layout"]["yaxis"]["title"]["text"] == "Signal (a.u.)", "as that of the measurement"
    assert "range" not in figure["layout"]["yaxis2"], "it was chosen for the fit of the task"
    assert "stretched exponential" in figure["layout"]["title"]["text"]
    overlay = bench.qdash.get(RESULTS).overlay(ADMIN, measured.task_id, [result.task_id])
    drawn = [(one["legendgroup"], one["mode"]) for one in overlay.figure["data"]]
    assert drawn == [
        (measured.task_id, "markers"),
        (measured.task_id, "lines"),
        (result.task_id, "markers"),
        (result.task_id, "lines"),
    ]


def test_without_a_curve_the_points_of_the_measurement_are_left_and_overlaid(make_bench: MakeBench) -> None:
    bench = make_bench(make_decay_task())
    measured = bench.run()
    result = record(bench, measured)
    figure = bench.qdash.get(RESULTS).figure(ADMIN, result.task_id)
    assert [one["mode"] for one in figure["data"]] == ["markers"]
    assert ("yaxis2" in figure["layout"], figure["layout"]["yaxis"]["title"]["text"]) == (
        False,
        "Signal (a.u.)",
    )
    assert bench.qdash.get(RESULTS).overlay(ADMIN, measured.task_id, [result.task_id]).refused == {}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"y": [1.0]}, "the same number of points, 2 to 2000, not 2 and 1"),
        ({"y": [1.0, float("nan")]}, "a number of the curve is not finite"),
        ({"x_unit": "MHz"}, r"x of the curve is in MHz, which cannot be converted to .*'Delay \(µs\)'"),
    ],
)
def test_a_curve_that_the_figure_cannot_show_is_refused_before_anything_is_written(
    make_bench: MakeBench, changes: dict[str, Any], said: str
) -> None:
    bench = make_bench(make_decay_task())
    measured = bench.run()
    curve = AnalysisCurve(**{"x": [0.0, 1.0], "y": [3.0, 2.0], **changes})
    with pytest.raises(InvalidInputError, match=said):
        record(bench, measured, replace(STRETCHED, curve=curve))
    assert bench.list_results(measured.execution_id) == [bench.get_stored(measured)]
