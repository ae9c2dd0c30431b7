"""One run at a time in a project, and what becomes of the lease of one that died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from qdash_core import CalibConfig, CalibOrchestrator, LockedError
from qdash_core.models.execution import ExecutionLockModel, ExecutionStatus
from qdash_core.session.dispatch.plans import Plan

from ..bench import CHIP, LINE, PROJECT, raises, task

if TYPE_CHECKING:
    from ..bench import Bench
    from ..conftest import MakeBench

A_RUN = """
import sys, types
from pathlib import Path
import qdash_core.plugin
from qdash_core import *

class Backend(BaseBackend):
    name = "bench"
    def connect(self): pass
    def get_instance(self): pass

class Plugin:
    @hookimpl
    def qdash_backends(self): return [Backend]

settings = Settings(home=Path(sys.argv[1]), store_url=sys.argv[2])
registry = load_plugins(extra={"core": qdash_core.plugin, "bench": Plugin()}, installed_too=False, blocked=())
session = CalibOrchestrator(CalibConfig(username="admin", chip_id="chip"), open_qdash(settings, registry))
session.initialize()
print(session.execution.execution_id, flush=True)
sys.stdin.read()
"""
"""A session that runs until its standard input ends."""


def held(bench: Bench) -> ExecutionLockModel | None:
    return bench.repositories.locks.find(PROJECT)


def test_a_second_session_is_refused_and_told_who_runs(make_bench: MakeBench) -> None:
    bench = make_bench(task())
    first = bench.session()
    with pytest.raises(LockedError) as refused:
        bench.session()
    message = str(refused.value)
    assert f"execution {first.execution.execution_id}" in message
    assert "of this process" in message
    assert "finish or cancel" in message
    assert len(bench.qdash.executions.newest(PROJECT)) == 1
    first.complete()
    bench.session().complete()


@pytest.mark.parametrize("how", ["complete", "fail", "cancel"])
def test_every_end_frees_the_project(make_bench: MakeBench, how: str) -> None:
    bench = make_bench(task())
    session = bench.session()
    assert held(bench) is not None
    getattr(session, how)(*(["reason"] if how == "fail" else []))
    assert held(bench) is None


def test_what_a_dead_run_left_open_is_ended_when_its_lease_is_taken_over(make_bench: MakeBench) -> None:
    bench = make_bench(task(), task("Endless", run=raises(KeyboardInterrupt)), task("Later"))
    dead = bench.session()
    dead_id = dead.execution.execution_id
    tasks = [dead.plan_task(name) for name in ("Measure", "Endless", "Later")]
    with pytest.raises(KeyboardInterrupt):
        dead.run_plan(Plan(tasks, [["0"]]))
    lease_of_dead = held(bench)
    assert lease_of_dead is not None
    bench.repositories.locks.put(lease_of_dead.model_copy(update={"process_start": 1.0}))
    seq = bench.events()[-1].seq

    following = bench.session()
    execution, results = bench.qdash.executions.show(PROJECT, dead_id)
    assert {one.name: (str(one.status), one.message) for one in results} == {
        "Measure": ("completed", ""),
        "Endless": ("failed", "interrupted"),
        "Later": ("cancelled", "interrupted"),
    }
    assert all(one.end_at is not None for one in results)
    assert execution.status is ExecutionStatus.FAILED
    assert execution.message.startswith("interrupted")
    assert execution.tasks == {"completed": 1, "failed": 1, "cancelled": 1}
    told = [(event.kind, event.execution_id) for event in bench.events(seq)]
    assert set(told[:-1]) == {
        (kind, dead_id) for kind in ("task.failed", "task.cancelled", "execution.failed")
    }
    assert told[-1] == ("execution.running", following.execution.execution_id)
    assert bench.value() == 10.0

    assert dead.complete().status is ExecutionStatus.FAILED, "it is left as it was found"
    after = held(bench)
    assert after is not None, "the dead run does not give up the lease of the living one"
    assert after.execution_id == following.execution.execution_id
    assert bench.qdash.executions.show(PROJECT, dead_id) == (execution, results)
    following.complete()


def test_runs_on_two_chips_go_at_once_where_the_lock_is_that_of_a_chip(make_bench: MakeBench) -> None:
    """And each writes under its own lease."""
    bench = make_bench(task(), lock_scope="chip")
    bench.qdash.chips.create(PROJECT, "second", LINE, username="admin", backend="bench")
    first = bench.session()
    config = CalibConfig(username="admin", chip_id="second", backend_name="bench")
    second = CalibOrchestrator(config, bench.qdash)
    second.initialize()
    assert [status.lease.chip_id for status in bench.qdash.leases.of_project(PROJECT)] == ["chip", "second"]
    assert first.run_task("Measure", qid="0").status == "completed"
    assert second.run_task("Measure", qid="0").status == "completed"
    with pytest.raises(LockedError, match=f"chip chip of project {PROJECT} is in use by execution"):
        bench.session()
    assert [str(session.complete().status) for session in (first, second)] == ["completed", "completed"]
    assert bench.qdash.leases.of_project(PROJECT) == []


@pytest.mark.parametrize("scope", ["project", "chip"])
def test_a_chip_that_is_being_measured_is_not_deleted(make_bench: MakeBench, scope: str) -> None:
    bench = make_bench(task(), lock_scope=scope)
    session = bench.session()
    with pytest.raises(LockedError, match="is being measured by execution"):
        bench.qdash.chips.delete(PROJECT, CHIP, force=True)
    session.complete()
    bench.qdash.chips.delete(PROJECT, CHIP, force=True)


@pytest.mark.parametrize("reaped", [True, False], ids=["reaped", "zombie"])
@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_the_lease_of_a_killed_process_is_taken_over_at_once(
    make_bench: MakeBench, store_url: str, reaped: bool
) -> None:
    """Also before its parent has asked for its end, which in a container may be never."""
    bench = make_bench(task(), lease_ttl_s=3600)
    home = str(bench.qdash.settings.home)
    run = subprocess.Popen(
        [sys.executable, "-c", A_RUN, home, store_url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert run.stdout is not None
        execution_id = run.stdout.readline().strip()
        with pytest.raises(LockedError, match=f"{execution_id} .*process {run.pid} on"):
            bench.session()
        run.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, run.pid, os.WEXITED | (0 if reaped else os.WNOWAIT))
        assert held(bench) is not None
        assert bench.run().execution_id != execution_id
    finally:
        run.kill()
        run.communicate()
    assert held(bench) is None
    assert bench.qdash.executions.show(PROJECT, execution_id)[0].status is ExecutionStatus.FAILED
