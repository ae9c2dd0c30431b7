"""Moved names of the contract of runners, importable from their old modules."""

import pytest

from qdash_builtin.runs.feature import RUNS
from qdash_core.hooks.runners import PoolRunner
from qdash_core.models.request import RunRequest
from qdash_core.runs.worker import WorkerContext

from ...access import ADMIN
from ..bench import make_task
from ..conftest import MakeBench


def test_the_protocol_of_a_pool_has_its_old_name_too() -> None:
    with pytest.warns(DeprecationWarning, match=r"WorksInPool has moved to .*PoolRunner") as told:
        from qdash_core.runners import WorksInPool
    assert WorksInPool is PoolRunner
    assert told[0].filename == __file__


def test_what_a_pool_is_given_has_its_old_name_too() -> None:
    with pytest.warns(DeprecationWarning, match=r"pools\.Work has moved to .*WorkerContext"):
        from qdash_core.runs.pools import Work
    assert Work is WorkerContext


def test_a_pool_submits_through_its_runs_as_before(make_bench: MakeBench) -> None:
    runs = make_bench(make_task()).qdash.get(RUNS)
    with pytest.warns(DeprecationWarning, match=r"runs\.submit has moved to runs\.submissions\.submit"):
        submission = runs.submit(ADMIN, RunRequest(flow="Measure", chip_id="chip", single="0"))  # type: ignore[attr-defined]
    assert runs.queue.view.find(ADMIN.project_id, submission.execution_id) is not None
    with pytest.raises(AttributeError, match="'RunService' object has no attribute 'unknown'"):
        _ = runs.unknown  # type: ignore[attr-defined]
