"""Timelines: read without the rest of the results, and shown in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.runs import timelines
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.runs.timelines import (
    Span,
    list_occupied_resources,
    list_stage_times,
    make_timeline,
    select_part,
)
from qdash_core.models.execution import ExecutionModel, StageModel

from ...access import ADMIN
from ...core.bench import make_task

if TYPE_CHECKING:
    from ...core.conftest import MakeBench


@pytest.mark.every_store
def test_a_timeline_needs_of_results_only_when_they_were_measured(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    run = bench.run().execution_id
    execution, timed = bench.qdash.get(EXECUTIONS).get_timings(ADMIN, run)
    look = bench.qdash.get(EXECUTIONS).select_results(ADMIN, run)
    assert execution.execution_id == run
    assert make_timeline(execution, timed) == make_timeline(look.displayed.execution, look.results) != []
    assert list_stage_times(execution, timed) == list_stage_times(look.displayed.execution, look.results)


@pytest.mark.parametrize(
    "begins", [[], [0], [0, 1, 2], [0, 0, 1, 1, 2], [0, 1, 1, 1, 1, 2], [3, 3, 3, 3], range(9)]
)
def test_parts_of_a_timeline_have_every_measurement_once(
    begins: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timelines, "MOST_SPANS", 3)
    spans = [Span(str(number), "T1", float(begin), 1.0) for number, begin in enumerate(begins)]
    part, after_s = select_part(spans)
    found = list(part)
    while after_s is not None:
        part, after_s = select_part(spans, after_s)
        assert part
        assert len({one.lab_start_s for one in part}) == 1 or len(part) <= 3
        found += part
    assert found == spans


def test_what_a_target_occupied_in_any_stage_is_told_once() -> None:
    def stage(**resources: list[str]) -> StageModel:
        return StageModel(tasks=["CheckT1"], groups=[[*resources]], resources=resources)

    stages = [stage(a=["mux 0"], b=[]), stage(a=["mux 0", "ZZ a-b"])]
    execution = ExecutionModel(
        project_id="p", username="u", name="n", execution_id="e", chip_id="c", stages=stages
    )
    assert list_occupied_resources(execution) == {"a": ["mux 0", "ZZ a-b"], "b": []}
