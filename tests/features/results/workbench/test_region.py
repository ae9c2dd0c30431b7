"""Results of a region: the previous ones beside the new ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from qdash_api.samples import read_samples
from qdash_builtin.results.pages.workbench_region import find_previous, list_target_rows
from qdash_builtin.runs.views.results import ResultDocument

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Links:
    """View that makes links only."""

    def link(self, path: str, **params: str) -> str:
        return f"/{path}?{params['result']}"


VIEW = cast("View", Links())


def make_result(
    task_id: str, qid: str, minute: int, *, t1: float | None = 80.0, **changed: Any
) -> ResultDocument:
    example = ResultDocument.model_validate(read_samples("qdash_builtin")["ResultDocument"])
    output = example.output_parameters["t1"].model_copy(update={"value": t1, "error": 1.0})
    outputs = {} if t1 is None else {"t1": output}
    own = {
        "task_id": task_id,
        "qid": qid,
        "execution_id": task_id,
        "verdict": "accepted",
        "start_at": NOON + timedelta(minutes=minute),
    }
    return example.model_copy(update={**own, "output_parameters": outputs, **changed})


def test_the_previous_result_is_the_newest_from_before_the_new_one() -> None:
    new = {"0": make_result("new", "0", 5), "1": make_result("new", "1", 6)}
    found = [
        make_result("later", "0", 9),
        make_result("new", "0", 4),  # an earlier task attempt of the run
        make_result("b", "0", 3),
        make_result("a", "0", 2),
        make_result("c", "2", 1),
    ]
    assert {target: one.task_id for target, one in find_previous(found, new).items()} == {"0": "b", "2": "c"}


def test_values_are_beside_each_other_with_their_difference() -> None:
    before, new = make_result("a", "0", 0, t1=80.0), make_result("b", "0", 1, t1=83.0)
    (row,) = list_target_rows(VIEW, "0", before, new, {"t1": "T1"})
    plain = {name: str(one).replace("\N{NO-BREAK SPACE}", " ") for name, one in row.items()}
    assert plain == {
        "target": "0",
        "link": "/result?b",
        "was": "accepted",
        "outcome": "accepted",
        "name": "T1",
        "first": "80.0(10) µs",
        "second": "83.0(10) µs",
        "difference": "3.0(14) µs",
        "sigmas": "2.1",
    }


def test_a_target_without_values_has_a_row_with_its_outcome() -> None:
    failed = make_result("b", "0", 1, t1=None, status="failed", verdict=None)
    assert list_target_rows(VIEW, "0", None, failed, {}) == [
        {"target": "0", "link": "/result?b", "was": None, "outcome": "failed"}
    ]
    assert list_target_rows(VIEW, "1", None, None, {}) == [
        {"target": "1", "link": None, "was": None, "outcome": None}
    ]
