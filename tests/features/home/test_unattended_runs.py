"""Queue in the doctor: runs that wait for a person, and runs that wait for a missing worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.runs.feature import QUEUE
from qdash_builtin.runs.unattended_runs import check_unattended_runs

from ...access import ADMIN
from ...core.bench import Bench, make_task
from ...core.runs.crew import Crew

if TYPE_CHECKING:
    from ...core.conftest import MakeBench


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(make_task())


@pytest.mark.every_store
def test_a_detached_run_without_a_worker_is_a_warning_that_says_what_to_start(bench: Bench) -> None:
    with Crew(bench) as crew:
        waiting = crew.submit()
        found = check_unattended_runs(bench.qdash.store)
        assert (found.status, found.advice) == ("warning", "start a worker: `qdash worker`")
        assert waiting in found.detail
        worker = crew.register()
        assert check_unattended_runs(bench.qdash.store).status == "ok"
        crew.kill(worker)
        assert check_unattended_runs(bench.qdash.store).status == "warning"


@pytest.mark.parametrize("kind", ["attended", "held"])
def test_a_run_that_needs_no_worker_asks_for_none(bench: Bench, kind: str) -> None:
    with Crew(bench) as crew:
        execution_id = crew.submit(waiter=crew.register("command") if kind == "attended" else "")
        if kind == "held":
            bench.qdash.get(QUEUE).hold(ADMIN, execution_id)
        assert "worker" not in check_unattended_runs(bench.qdash.store).detail
