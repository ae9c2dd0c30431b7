"""One run at a time in a project, and what becomes of the lease of one that died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import LockedError
from qdash_core.executions.dispatcher import Plan
from qdash_core.executions.lock import ExecutionLock, is_live
from qdash_core.models.execution import ExecutionLockModel, ExecutionStatus
from qdash_core.models.project import ProjectModel

from ..bench import PROJECT, raises, task

if TYPE_CHECKING:
    from ..bench import Bench
    from ..conftest import MakeBench

NOW = datetime(2026, 1, 1, tzinfo=UTC)

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


def lease(**changes: Any) -> ExecutionLockModel:
    held = {
        "project_id": PROJECT, "owner": "somebody", "host": "elsewhere", "pid": 1, "process_start": 1.0,
        "execution_id": "20260101-007", "acquired_at": NOW, "expires_at": NOW + timedelta(seconds=30),
    }  # fmt: skip
    return ExecutionLockModel(**{**held, **changes})


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


def test_another_project_is_not_held_up(make_bench: MakeBench) -> None:
    bench = make_bench(task())
    bench.repositories.projects.add(
        ProjectModel(project_id="other", owner_user_id="1", owner_username="admin", name="other")
    )
    first = ExecutionLock(bench.qdash.store, PROJECT, ttl_s=30)
    second = ExecutionLock(bench.qdash.store, "other", ttl_s=30)
    first.acquire()
    second.acquire()
    first.release()
    second.release()


def test_releasing_what_is_not_held_is_harmless(make_bench: MakeBench) -> None:
    bench = make_bench(task())
    lock = ExecutionLock(bench.qdash.store, PROJECT, ttl_s=30)
    lock.release()
    lock.acquire()
    lock.release()
    lock.release()
    assert held(bench) is None


def test_nobody_releases_the_lease_of_another(make_bench: MakeBench) -> None:
    bench = make_bench(task())
    lock = ExecutionLock(bench.qdash.store, PROJECT, ttl_s=30)
    lock.acquire()
    bench.repositories.locks.put(lease())
    lock.release()
    assert held(bench) == lease(created_at=held(bench).created_at, updated_at=held(bench).updated_at)


def test_a_lease_of_another_host_holds_until_it_expires(make_bench: MakeBench) -> None:
    bench = make_bench(task())
    bench.repositories.locks.put(lease())
    late = iter([NOW + timedelta(seconds=29), NOW + timedelta(seconds=31)])
    lock = ExecutionLock(bench.qdash.store, PROJECT, ttl_s=30, clock=lambda: next(late))
    with pytest.raises(LockedError, match=r"20260101-007 \(process 1 on elsewhere, since 2026-01-01"):
        lock.acquire()
    lock.acquire()
    taken = held(bench)
    assert taken is not None
    assert taken.pid == os.getpid()
    lock.release()


def test_a_lease_of_this_host_lives_with_its_process(make_bench: MakeBench) -> None:
    """However long it has not been renewed; and a process with the same number is another one."""
    bench = make_bench(task())
    session = bench.session()
    own = held(bench)
    assert own is not None
    session.complete()

    later = NOW + timedelta(days=1)
    assert is_live(own, later)
    assert not is_live(own.model_copy(update={"process_start": own.process_start - 5}), NOW)


def test_a_lease_is_renewed_while_it_is_held(make_bench: MakeBench) -> None:
    bench = make_bench(task())
    renewed = threading.Event()
    moments = iter([NOW, NOW + timedelta(seconds=60)])

    def clock() -> datetime:
        moment = next(moments, None)
        if moment is None:
            renewed.set()
            return NOW + timedelta(seconds=120)
        return moment

    lock = ExecutionLock(bench.qdash.store, PROJECT, ttl_s=0.03, clock=clock)
    lock.acquire()
    assert renewed.wait(30), "the third look at the clock is that of the second renewal"
    taken = held(bench)
    lock.release()
    assert taken is not None
    assert taken.expires_at > NOW + timedelta(seconds=60)


def test_of_many_who_want_a_project_at_once_one_gets_it(make_bench: MakeBench) -> None:
    from concurrent.futures import ThreadPoolExecutor

    bench = make_bench(task())
    locks = [ExecutionLock(bench.qdash.store, PROJECT, ttl_s=30) for _ in range(8)]

    def acquire(lock: ExecutionLock) -> bool:
        try:
            lock.acquire()
        except LockedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(acquire, locks)).count(True) == 1
    for lock in locks:
        lock.release()
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
    assert next(event.kind for event in bench.events(seq)) == "execution.failed"
    assert bench.value() == 10.0

    with pytest.raises(LockedError, match="was lost"):
        dead.complete()
    after = held(bench)
    assert after is not None, "the dead run does not give up the lease of the living one"
    assert after.execution_id == following.execution.execution_id
    assert bench.qdash.executions.show(PROJECT, dead_id) == (execution, results)
    following.complete()


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
