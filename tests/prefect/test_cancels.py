"""Cancellations in Prefect of earlier flow runs: recorded before the run is started again."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from qdash_builtin.runs.feature import RUNS
from qdash_core.hooks.runners import Stop
from qdash_core.models.execution import ExecutionStatus
from qdash_core.process.clock import utc_now
from qdash_core.repositories.queue import QueueRepository
from qdash_core.runs.worker_context import WorkerContext
from qdash_prefect.cancels import PrefectCancels
from qdash_prefect.client import PrefectClient
from qdash_prefect.flow_runs import FlowRuns
from qdash_prefect.settings import PrefectSettings

from ..core.bench import PROJECT, Bench, make_task
from ..core.runs.crew import Crew
from .fake_pool import NOW, FakePrefect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.chdir(tmp_path)
    opened = Bench.open(tmp_path, f"memory://{tmp_path}", make_task())
    yield opened
    opened.qdash.close()


@pytest.mark.parametrize("of", ["the flow run that brought it", "the flow run that asked for it"])
def test_a_run_cancelled_in_prefect_gets_no_further_flow_run(bench: Bench, of: str) -> None:
    prefect, created = FakePrefect(), (utc_now() - NOW).total_seconds()
    with Crew(bench) as crew, ExitStack() as stack:
        run, dead, owner = crew.submit(), crew.register(), crew.register()
        asked = of == "the flow run that asked for it"
        brought = prefect.flow_run(
            "RUNNING" if asked else "CANCELLING", dead, created=created, execution_id=run
        )
        if asked:
            row = prefect.flow_run("CANCELLING", dead, created=created, execution_id=run)
            row.update(idempotency_key=None)
        bench.qdash.external_transitions.record_flow_run_id(PROJECT, run, brought["id"])
        crew.begin_and_die(dead, run)
        bench.qdash.get(RUNS).queue.sweep()
        assert crew.claim(owner, run)
        transport = httpx.MockTransport(prefect.answer)
        client = stack.enter_context(PrefectClient(PrefectSettings(), transport=transport))
        nobody = cast("Any", SimpleNamespace())
        flow_runs = FlowRuns(
            WorkerContext(bench.qdash, bench.qdash.get(RUNS), owner, threading.Event(), print, lambda: None),
            PrefectSettings(),
            client,
            reporter=nobody,
            mirror=nobody,
            queue="mine",
            perform_external=nobody,
            changed=nobody,
        )
        with pytest.raises(KeyboardInterrupt):
            stack.enter_context(flow_runs.start_flow_run(bench.get_execution(run), Stop()))
        ended = bench.get_execution(run)
        assert (ended.status, ended.message) == (ExecutionStatus.CANCELLED, "cancelled by prefect")
        assert bench.repositories.of(QueueRepository).list_all() == []


@pytest.mark.parametrize(("begun", "said"), [(True, "Crashed"), (False, "Superseded")])
def test_the_flow_run_of_a_dead_worker_has_ended_before_another_one_performs_the_run(
    bench: Bench, begun: bool, said: str
) -> None:
    """Prefect refuses to cancel an ended flow run, so a later cancellation would be lost."""
    prefect, created = FakePrefect(), (utc_now() - NOW).total_seconds()
    with (
        Crew(bench) as crew,
        PrefectClient(PrefectSettings(), transport=httpx.MockTransport(prefect.answer)) as client,
    ):
        run, dead = crew.submit(), crew.register()
        row = prefect.flow_run("RUNNING" if begun else "PENDING", dead, created=created, execution_id=run)
        bench.qdash.external_transitions.record_flow_run_id(PROJECT, run, row["id"])
        if begun:
            crew.begin_and_die(dead, run)
        bench.qdash.get(RUNS).queue.sweep()
        assert not PrefectCancels(client, "qdash", bench.qdash).record_for(bench.get_execution(run))
        assert row["state"]["name"] == said
