"""Counts of results are those after decisions of users, wherever they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.digests.feature import DIGESTS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.result_query import ResultQuery
from qdash_builtin.runs.execution_lists import ExecutionFilter
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.values.feature import VALUES
from qdash_core import OutputParameter, Parameter, TaskOutput
from qdash_core.models.pages import PageRequest
from qdash_core.repositories.executions import ExecutionRepository

from ...access import ADMIN
from ..bench import CHIP, PROJECT, make_task

if TYPE_CHECKING:
    from qdash_core import BaseTask
    from qdash_core.models.task import TaskResultModel

    from ..bench import Bench
    from ..conftest import MakeBench


def flag(_task: BaseTask, _raw: object) -> TaskOutput:
    return TaskOutput({"t1": Parameter(80.0, 1.0, "us")}, quality={"reduced_chi2": 100.0})


T1 = make_task("CheckT1", analyse=flag, output_parameters={"t1": OutputParameter(unit="us")})


def count(bench: Bench, result: TaskResultModel) -> dict[str, int]:
    """Return the counts of an execution, after a comparison with those of the other places that show them."""
    execution, _ = bench.qdash.get(EXECUTIONS).show(ADMIN, result.execution_id)
    (listed,) = bench.qdash.get(EXECUTIONS).list_executions(ADMIN)
    of_verdict = bench.qdash.get(EXECUTIONS).list_executions(ADMIN, ExecutionFilter(verdict="flagged"))
    assert len(of_verdict) == execution.outcomes.get("flagged", 0)
    digest = bench.qdash.get(DIGESTS).make(ADMIN, CHIP, "1h")
    assert execution.outcomes == listed.execution.outcomes == digest.runs[0].execution.outcomes
    tally = bench.qdash.get(RESULTS).make_task_record(ADMIN, "CheckT1").tally
    assert tally.flagged == execution.outcomes.get("flagged", 0)
    for outcome in ("accepted", "flagged", "rejected"):
        page = bench.qdash.get(RESULTS).page(ADMIN, ResultQuery(outcome=outcome), PageRequest(10))
        assert len(page.items) == execution.outcomes.get(outcome, 0)
    return execution.outcomes


@pytest.mark.every_store
def test_a_decision_and_its_undo_change_all_counts(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    result = bench.run("CheckT1", "0")
    assert count(bench, result) == {"flagged": 1}
    then = bench.qdash.get(DIGESTS).make(ADMIN, CHIP, "1h")
    bench.qdash.get(VALUES).reject(ADMIN, result.task_id, reason="wrong")
    assert count(bench, result) == {"rejected": 1}
    bench.qdash.get(VALUES).undo(ADMIN)
    assert count(bench, result) == {"flagged": 1}
    bench.qdash.get(VALUES).accept(ADMIN, result.task_id)
    assert count(bench, result) == {"accepted": 1}
    past = bench.qdash.get(DIGESTS).make(ADMIN, CHIP, then.since.isoformat(), then.until.isoformat())
    assert [one.execution.outcomes for one in past.runs] == [{"flagged": 1}]


def test_a_decision_on_a_superseded_attempt_changes_no_count(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    result = bench.run("CheckT1", "0")
    with bench.qdash.store.transaction() as transaction:
        later = result.model_copy(update={"task_id": "later", "attempt": 2})
        transaction.put("task_result_history", later.to_document())
    bench.qdash.get(VALUES).reject(ADMIN, result.task_id, reason="wrong")
    found = bench.repositories.of(ExecutionRepository).require(PROJECT, result.execution_id)
    assert found.outcomes == {"flagged": 1}
