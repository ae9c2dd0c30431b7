"""Reruns in the dashboard: the button on the page of a result, and the comparison with the original."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_api.samples import read_samples
from qdash_builtin.results.pages import result
from qdash_builtin.results.pages.result_comparison import list_outputs, list_result_differences
from qdash_builtin.results.views.result_comparisons import ResultComparisonDocument
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_core.models.progress import SilentProgress

from ..chips.test_chip_notes import join_texts
from ..values.test_pages import access, measured, press, registry

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.task import TaskResultModel

    from ...ui.conftest import DashboardPages

__all__ = ["access", "measured", "registry"]


OUTPUT = {"unit": "us", "value_type": "float", "description": "", "execution_id": "", "task_id": ""}
DIFFERENT = {
    "inputs": [{"name": "pi_amplitude", "first": {"value": 0.08}, "second": {"value": 0.0801}}],
    "settings": [{"name": "shots", "first": 1024, "second": 2048}],
    "software": [{"name": "numpy", "first": "2.3.1", "second": "2.3.4"}],
    "laboratory": [{"name": "cool-down", "first": "cd-7", "second": "cd-8"}],
}


def make_comparison() -> ResultComparisonDocument:
    values = ({**OUTPUT, "value": value, "error": 1.3} for value in (81.5, 80.4))
    t1 = dict(zip(("name", "first", "second"), ("t1", *values), strict=True))
    outputs = [{**t1, "difference": -1.1, "error": 1.84, "sigmas": 0.6}]
    example = read_samples("qdash_builtin")["ResultComparisonDocument"]
    different = {**DIFFERENT, "outputs": outputs, "software_recorded": [False, True]}
    return ResultComparisonDocument.model_validate({**example, **different})


def test_outputs_are_rows_with_errors_followed_by_verdict_and_fit_quality() -> None:
    first, *others = list_outputs(make_comparison(), {"t1": "T1"})
    assert {name: text.replace("\N{NO-BREAK SPACE}", " ") for name, text in first.items()} == {
        "name": "T1",
        "first": "81.5(13) µs",
        "second": "80.4(13) µs",
        "difference": "\N{MINUS SIGN}1.1(18) µs",
        "sigmas": "0.6",
    }
    assert [one["name"] for one in others] == ["verdict", "R²", "reduced χ²"]


def test_differences_are_rows_of_each_kind_and_unrecorded_software_is_said() -> None:
    found = make_comparison()
    rows = [(one["kind"], one["name"], one["first"], one["second"]) for one in list_result_differences(found)]
    assert rows[1:] == [
        ("run parameter", "shots", "1024", "2048"),
        ("software", "numpy", "2.3.1", "2.3.4"),
        ("laboratory", "cool-down", "cd-7", "cd-8"),
    ]
    assert rows[0][:2] == ("input", "pi_amplitude")
    assert found.unrecorded == ["Software of the original: not recorded"]


@pytest.mark.slow
def test_an_editor_reruns_a_result_once_and_the_page_of_the_rerun_compares_both(
    dashboard_pages: DashboardPages, access: Access, measured: TaskResultModel
) -> None:
    qdash, place = dashboard_pages.qdash, f"result.rerun.{measured.task_id}"
    page = dashboard_pages.page(result.render, "editor", result=measured.task_id)
    assert not page.exception
    assert "Comparison with the earlier result" not in join_texts(page)
    page = press(page, place)
    (message,) = (one.value for one in page.success)
    assert "Submitted as" in message
    run = qdash.get(EXECUTIONS).resolve_id(access, "last")
    qdash.get(RUNS).perform(access.project_id, run, SilentProgress(), alone=False)
    (again,) = qdash.get(EXECUTIONS).show(access, run)[1]
    assert again.rerun_of == measured.task_id

    page = dashboard_pages.page(result.render, "viewer", result=again.task_id)
    assert not page.exception
    assert "Comparison with the earlier result" in [one.value for one in page.header]
    assert not [one for one in page.button if str(one.key).startswith("result.rerun")]
