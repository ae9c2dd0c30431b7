"""Options of refits, their previews, and the author and time of a refit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.result_query import ResultQuery
from qdash_builtin.values.feature import VALUES
from qdash_core import (
    AccessDeniedError,
    AnalysisOption,
    ArrayDeclaration,
    InvalidInputError,
    Parameter,
    RawData,
    RunParameter,
    TaskOutput,
)
from qdash_core.errors import PluginError, StaleError
from qdash_core.hooks.declarations import require_declarations
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.results import LatestResultRepository

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, make_task

if TYPE_CHECKING:
    from qdash_core import BaseTask

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

VIEWER = access_of("victor", PROJECT, ProjectRole.VIEWER)
BOB = access_of("bob", PROJECT)
ARRAYS = {
    "search_delay": ArrayDeclaration("us", "delays of the search"),
    "search_signal": ArrayDeclaration("a.u.", "signal of the search", along="search_delay"),
    "fine_*_delay": ArrayDeclaration("us", "delays"),
    "fine_*_signal": ArrayDeclaration("a.u.", "signal", along="fine_*_delay"),
}
RAW = RawData(
    {
        "search_delay": ([0.0, 1.0, 2.0, 3.0], "us"),
        "search_signal": ([9.0, 9.0, 9.0, 9.0], "a.u."),
        "fine_a_delay": ([0.0, 1.0, 2.0, 3.0], "us"),
        "fine_a_signal": ([4.0, 5.0, 6.0, 21.0], "a.u."),
    },
    {"last": "a"},
)
STATISTIC = AnalysisOption("mean", "str", choices=("mean", "median"), description="of the signal")


def analyse(_task: BaseTask, raw: RawData) -> TaskOutput:
    statistic = np.median if raw.options.get("statistic") == "median" else np.mean
    value = float(statistic(raw["fine_a_signal"]))
    seen = {"points": raw["fine_a_delay"].size, "searched": raw["search_delay"].size}
    return TaskOutput({"t1": Parameter(value, 0.5, "us")}, note=seen)


def make_fitting_task(**changes: Any) -> type[BaseTask]:
    declared = {
        "measure": lambda *_: RAW,
        "analyse": analyse,
        "parameters": {"shots": RunParameter(16, "int")},
        "arrays": ARRAYS,
        "fit_axes": ("fine_{last}_delay",),
        "analysis_options": {"statistic": STATISTIC},
    }
    return make_task(**{**declared, **changes})


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(make_fitting_task())


def test_a_refit_leaves_out_points_of_the_fitted_axis_and_the_stored_data_stay(bench: Bench) -> None:
    measured = bench.run()
    stored = bench.qdash.artifacts.checksum(measured.raw_data_file)
    result = bench.qdash.get(RESULTS).refit(
        ADMIN, measured.task_id, options={"exclude": "3", "statistic": "median"}
    )
    assert (result.output_parameters["t1"].value, result.note) == (5.0, {"points": 3, "searched": 4})
    recorded = {name: one.value for name, one in bench.get_stored(result).analysis_options.items()}
    assert recorded == {"statistic": "median", "exclude": "3"}
    assert bench.qdash.artifacts.checksum(measured.raw_data_file) == stored
    assert bench.get_stored(measured).analysis_options == {}
    comparison = bench.qdash.get(RESULTS).compare(ADMIN, result.task_id)
    assert comparison.settings == []
    assert {one.name: (one.first, one.second) for one in comparison.options} == {
        "statistic": (None, "median"),
        "exclude": (None, "3"),
    }


def test_the_figure_of_a_refit_shows_what_was_fitted(make_bench: MakeBench) -> None:
    def draw(_cls: Any, raw: RawData, _output: TaskOutput) -> dict[str, Any]:
        return {"data": [{"x": raw["fine_a_delay"].tolist()}], "layout": {"title": dict(raw.options)}}

    bench = make_bench(make_fitting_task(figure=classmethod(draw)))
    measured = bench.run()
    refit = bench.qdash.get(RESULTS).refit(ADMIN, measured.task_id, options={"fit_window": "1..2"})
    drawn = bench.qdash.get(RESULTS).figure(ADMIN, refit.task_id)
    assert drawn == {"data": [{"x": [1.0, 2.0]}], "layout": {"title": {"fit_window": "1..2"}}}
    assert bench.qdash.get(RESULTS).figure(ADMIN, measured.task_id)["data"] == [{"x": [0.0, 1.0, 2.0, 3.0]}]


def test_a_further_refit_keeps_the_options_and_none_restores_the_default(bench: Bench) -> None:
    first = bench.qdash.get(RESULTS).refit(
        ADMIN, bench.run().task_id, options={"exclude": [3], "statistic": "median"}
    )
    second = bench.qdash.get(RESULTS).refit(
        ADMIN, first.task_id, options={"Measure": {"exclude": None, "fit_window": [None, 2]}}
    )
    assert {name: one.value for name, one in second.analysis_options.items()} == {
        "statistic": "median",
        "fit_window": "..2",
    }


def test_what_the_analysis_cannot_use_is_refused_before_anything_is_written(
    bench: Bench, subtests: pytest.Subtests
) -> None:
    measured = bench.run()
    for options, said in [
        ({"shots": 16}, "shots is a run parameter of the measurement, not of its analysis"),
        ({"statistics": "median"}, "no analysis option 'statistics'.*statistic, fit_window, exclude"),
        ({"statistic": "mode"}, "'mode' is not one of mean, median"),
        ({"fit_window": "3..1"}, "Measure.fit_window: '3..1' has its low end"),
        ({"fit_window": "7..9"}, "contains no point: fine_a_delay has the points 0 to 3, from 0 to 3 µs"),
        ({"exclude": "4"}, "there is no point 4"),
    ]:
        with subtests.test(str(options)):
            events = len(bench.list_events())
            for act in (bench.qdash.get(RESULTS).preview_refit, bench.qdash.get(RESULTS).refit):
                with pytest.raises(InvalidInputError, match=said):
                    act(ADMIN, measured.task_id, options=options)
            assert len(bench.list_results(measured.execution_id)) == 1
            assert len(bench.list_events()) == events


def test_a_preview_shows_both_and_records_nothing(bench: Bench) -> None:
    measured = bench.run()
    found = bench.qdash.get(RESULTS).preview_refit(VIEWER, measured.task_id, options={"exclude": "3"})
    assert (found.n_points, found.n_fitted, found.unused) == (4, 3, "")
    (output,) = found.outputs
    assert (output.difference, output.sigmas) == (-4.0, pytest.approx(4.0 / 0.5**0.5))
    (change,) = found.changes
    assert change.before is not None
    assert change.after is not None
    assert (change.parameter, change.before.value, change.after.value) == ("t1", 9.0, 5.0)
    assert [one.task_id for one in bench.list_results(measured.execution_id)] == [measured.task_id]
    assert bench.get_value() == 9.0
    with pytest.raises(AccessDeniedError):
        bench.qdash.get(RESULTS).refit(VIEWER, measured.task_id, options={"exclude": "3"}, basis=found.basis)


def test_a_preview_says_why_a_value_would_not_become_the_chips(bench: Bench) -> None:
    trial, old = bench.run(saved=False), bench.run()
    bench.run()

    def explain(task_id: str, **options: object) -> tuple[int, str]:
        found = bench.qdash.get(RESULTS).preview_refit(ADMIN, task_id, options=options)
        return len(found.changes), found.unused

    assert explain(trial.task_id, exclude="3")[1].startswith("its measurement does not count for the chip")
    assert explain(old.task_id, exclude="3") == (0, "the chip has a later value of t1, which stays")


def test_a_refit_is_recorded_only_as_it_was_previewed(bench: Bench) -> None:
    measured = bench.run()
    results, options = bench.qdash.get(RESULTS), {"exclude": "3"}
    seen = results.preview_refit(ADMIN, measured.task_id, options=options)
    with pytest.raises(StaleError, match="preview it again"):
        results.refit(ADMIN, measured.task_id, options={"exclude": "2"}, basis=seen.basis)
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(7.0, 0.1, "us")}, reason="by hand")
    with pytest.raises(StaleError, match="preview it again"):
        results.refit(ADMIN, measured.task_id, options=options, basis=seen.basis)
    assert bench.get_value() == 7.0
    changed = bench.reinstall(
        make_fitting_task(analyse=lambda *_: TaskOutput({"t1": Parameter(8.0, 0.5, "us")}))
    )
    with pytest.raises(StaleError):
        changed.qdash.get(RESULTS).refit(ADMIN, measured.task_id, options=options, basis=seen.basis)
    again = results.preview_refit(ADMIN, measured.task_id, options=options)
    assert (
        results.refit(ADMIN, measured.task_id, options=options, basis=again.basis).refit_of
        == measured.task_id
    )


def test_a_refit_belongs_to_its_user_and_keeps_the_measurement(bench: Bench) -> None:
    measured = bench.run()
    refit = bench.get_stored(bench.qdash.get(RESULTS).refit(BOB, measured.task_id, options={"exclude": "3"}))
    again = bench.get_stored(bench.qdash.get(RESULTS).refit(ADMIN, refit.task_id))
    assert (measured.username, refit.username, again.username) == ("admin", "bob", "admin")
    for one in (refit, again):
        assert one.measured is not None
        assert (one.measured.start_at, one.measured.end_at) == (measured.start_at, measured.end_at)
        assert one.measurement.username == "admin"
    assert refit.end_at != measured.end_at
    listed = bench.qdash.get(RESULTS).page(ADMIN, ResultQuery(), PageRequest(10)).items
    assert {one.measurement.end_at for one in listed} == {measured.end_at}
    assert [
        one.username
        for one in bench.qdash.get(RESULTS).page(ADMIN, ResultQuery(username="bob"), PageRequest(9)).items
    ] == ["bob"]
    event = bench.qdash.get(VALUES).list_events(ADMIN, CHIP, PageRequest(9)).items[1]
    assert (event.head.username, event.head.task_id) == ("bob", refit.task_id)


def test_the_newest_result_has_the_time_of_its_measurement(bench: Bench) -> None:
    measured = bench.run()
    refit = bench.qdash.get(RESULTS).refit(BOB, measured.task_id, options={"exclude": "3"})
    (latest,) = bench.repositories.of(LatestResultRepository).list_by_task(PROJECT, CHIP, "Measure")
    assert (latest.task_id, latest.end_at) == (refit.task_id, measured.end_at)
    assert (latest.refitted_at, latest.refitted_by) == (refit.end_at, "bob")
    newest = bench.run()
    bench.qdash.get(RESULTS).refit(BOB, measured.task_id, options={"exclude": "2"})
    (latest,) = bench.repositories.of(LatestResultRepository).list_by_task(PROJECT, CHIP, "Measure")
    assert (latest.task_id, latest.refitted_at) == (newest.task_id, None)


def test_a_refit_from_before_the_field_has_the_time_of_its_values(bench: Bench) -> None:
    measured = bench.run()
    old = bench.qdash.get(RESULTS).refit(ADMIN, measured.task_id).model_copy(update={"measured": None})
    assert (old.measurement.end_at, old.measurement.start_at) == (measured.end_at, None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fit_axes": "fine_a_delay"}, "fit_axes that are not a tuple"),
        ({"fit_axes": ("coarse_delay",)}, "fit_axes with 'coarse_delay', which its arrays do not declare"),
        ({"arrays": {"y": ArrayDeclaration("V", "", along="x")}, "fit_axes": ()}, "along 'x'"),
        ({"analysis_options": {"shots": AnalysisOption(1, "int")}}, "'shots', which is also a run parameter"),
        (
            {"analysis_options": {"exclude": AnalysisOption("", "str")}},
            "'exclude', which is also an option of QDash",
        ),
        ({"analysis_options": {"model": AnalysisOption(None, "str")}}, "without a default"),
        ({"analysis_options": {"model": RunParameter("a", "str")}}, "is RunParameter, not AnalysisOption"),
    ],
)
def test_a_task_with_invalid_options_is_set_aside(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(PluginError, match=said):
        require_declarations(make_fitting_task(**changes))
