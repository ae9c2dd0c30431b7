"""Instrument lock: one run at a time, and takeover of an orphaned lock."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.affecting_locks import list_affecting
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import BackendError, LockedError
from qdash_core.models.claims import Claim
from qdash_core.models.execution import ExecutionLockModel, ExecutionStatus
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.session.dispatch.plans import Plan

from ...access import ADMIN, access_of
from ..bench import CHIP, LINE, PROJECT, Bench, make_backend, make_backend_by_chip, make_raising, make_task
from ..forked_programs import ForkedProgram

if TYPE_CHECKING:
    from qdash_core import BaseBackend

    from ..conftest import MakeBench

A_RUN = """
import sys, types
from pathlib import Path
import qdash_core.plugin, qdash_sqlite.plugin
from qdash_core import *

class Backend(BaseBackend):
    name = "bench"
    def connect(self): pass
    def get_instance(self): pass

class Plugin:
    @hookimpl
    def qdash_backends(self): return [Backend]

settings = Settings(home=Path(sys.argv[1]), store_url=sys.argv[2])
plugins = {"core": qdash_core.plugin, "sqlite": qdash_sqlite.plugin, "bench": Plugin()}
registry = load_plugins(extra=plugins, installed_too=False, blocked=())
session = CalibOrchestrator(CalibConfig(username="admin", chip_id="chip"), open_qdash(settings, registry))
session.initialize()
print(session.execution.execution_id, flush=True)
sys.stdin.read()
"""
"""Program of a session that runs until its standard input ends."""


def hold_lock(bench: Bench) -> ExecutionLockModel | None:
    found = bench.repositories.of(ExecutionLockRepository).list_by_instruments(["bench"])
    return found[0] if found else None


@pytest.mark.every_store
def test_a_second_session_is_refused_and_told_who_runs(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    first = bench.start_session()
    with pytest.raises(LockedError) as refused:
        bench.start_session()
    message = str(refused.value)
    assert f"execution {first.execution.execution_id}" in message
    assert "of this process" in message
    assert "finish or cancel" in message
    assert len(bench.qdash.get(EXECUTIONS).newest(ADMIN)) == 1
    first.complete()
    bench.start_session().complete()


@pytest.mark.parametrize("how", ["complete", "fail", "cancel"])
def test_every_end_frees_the_chip(make_bench: MakeBench, how: str) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    assert hold_lock(bench) is not None
    getattr(session, how)(*(["reason"] if how == "fail" else []))
    assert hold_lock(bench) is None


@pytest.mark.every_store
def test_what_a_dead_run_left_open_is_ended_when_its_lock_is_taken_over(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_task(), make_task("Endless", run=make_raising(KeyboardInterrupt)), make_task("Later")
    )
    dead = bench.start_session()
    dead_id = dead.execution.execution_id
    tasks = [dead.plan_task(name) for name in ("Measure", "Endless", "Later")]
    with pytest.raises(KeyboardInterrupt):
        dead.run_plan(Plan(tasks, [["0"]]))
    lock_of_dead = hold_lock(bench)
    assert lock_of_dead is not None
    bench.repositories.of(ExecutionLockRepository).put(lock_of_dead.model_copy(update={"process_start": 1.0}))
    seq = bench.list_events()[-1].seq

    following = bench.start_session()
    execution, results = bench.qdash.get(EXECUTIONS).show(ADMIN, dead_id)
    assert {one.name: (str(one.status), one.message) for one in results} == {
        "Measure": ("completed", ""),
        "Endless": ("failed", "interrupted"),
        "Later": ("cancelled", "interrupted"),
    }
    assert all(one.end_at is not None for one in results)
    assert execution.status is ExecutionStatus.FAILED
    assert execution.message.startswith("interrupted")
    assert execution.tasks == {"completed": 1, "failed": 1, "cancelled": 1}
    told = [(event.kind, event.execution_id) for event in bench.list_events(seq)]
    assert set(told[:-1]) == {
        (kind, dead_id) for kind in ("task.failed", "task.cancelled", "execution.failed")
    }
    assert told[-1] == ("execution.running", following.execution.execution_id)
    assert bench.get_value() == 10.0

    assert dead.complete().status is ExecutionStatus.FAILED, "it is left as it was found"
    after = hold_lock(bench)
    assert after is not None, "the dead run does not give up the lock of the living one"
    assert after.execution_id == following.execution.execution_id
    assert bench.qdash.get(EXECUTIONS).show(ADMIN, dead_id) == (execution, results)
    following.complete()


def list_instruments(bench: Bench) -> list[str]:
    return sorted(status.lock.instrument for status in bench.qdash.locks.list_by_project(PROJECT))


@pytest.mark.every_store
def test_runs_on_two_chips_go_at_once_where_each_has_an_instrument(make_bench: MakeBench) -> None:
    """Each writes under its own lock."""
    bench = make_bench(make_task(), backends=[make_backend_by_chip()])
    bench.add_chip("second")
    first, second = bench.start_session(), bench.start_session(chip_id="second")
    assert list_instruments(bench) == ["bench/default/chip", "bench/default/second"]
    assert first.run_task("Measure", qid="0").status == "completed"
    assert second.run_task("Measure", qid="0").status == "completed"
    with pytest.raises(LockedError, match=f"^chip chip of project {PROJECT} .* is in use by execution"):
        bench.start_session()
    assert [str(session.complete().status) for session in (first, second)] == ["completed", "completed"]
    assert list_instruments(bench) == []


def test_chips_of_one_instrument_are_measured_one_after_the_other(make_bench: MakeBench) -> None:
    """Chips share an instrument if the backend does not name any."""
    bench = make_bench(make_task())
    bench.add_chip("second")
    first = bench.start_session()
    with pytest.raises(
        LockedError, match=r"^chip second .* cannot be measured now: chip chip .*instrument bench"
    ):
        bench.start_session(chip_id="second")
    assert first.run_task("Measure", qid="0").status == "completed"
    first.complete()
    second = bench.start_session(chip_id="second")
    assert list_instruments(bench) == ["bench"]
    second.complete()


def test_an_instrument_is_that_of_one_project_at_a_time(make_bench: MakeBench) -> None:
    """An orphaned run of another project blocks nobody here, and is ended in its own project."""
    bench = make_bench(make_task())
    bench.add_project("other")
    bench.qdash.get(CHIPS).create(access_of("admin", "other"), CHIP, LINE, backend="bench")
    elsewhere = bench.start_session(project_id="other")
    with pytest.raises(
        LockedError, match=r"chip chip of project other \(instrument bench\) is in use"
    ) as refused:
        bench.start_session()
    assert "of this process" in str(refused.value)
    (status,) = list_affecting(bench.qdash, PROJECT, CHIP)
    assert (status.lock.project_id, status.username) == ("other", "admin")
    died = bench.abandon(elsewhere)
    bench.start_session().complete()
    assert bench.qdash.record.is_interrupted(elsewhere.execution)
    bench.start_session(project_id="other").complete()
    ended, _ = bench.qdash.get(EXECUTIONS).show(access_of("admin", "other"), died)
    assert ended.status is ExecutionStatus.FAILED


def test_with_the_scope_of_the_project_its_chips_are_measured_one_after_the_other(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(make_task(), backends=[make_backend_by_chip()], lock_scope="project")
    bench.add_chip("second")
    first = bench.start_session()
    with pytest.raises(LockedError, match=f"chip second .*: project {PROJECT} .* is in use by execution"):
        bench.start_session(chip_id="second")
    first.complete()
    bench.start_session(chip_id="second").complete()


@pytest.mark.every_store
@pytest.mark.parametrize(("first", "second"), [("project", "chip"), ("chip", "project")])
def test_runs_of_different_scopes_exclude_each_other(make_bench: MakeBench, first: str, second: str) -> None:
    """The setting may change during a run, or differ between two hosts."""
    bench = make_bench(make_task(), backends=[make_backend_by_chip()], lock_scope=first)
    bench.add_chip("second")
    running = bench.start_session()
    others = replace(bench.qdash, settings=bench.qdash.settings.model_copy(update={"lock_scope": second}))
    for chip_id in (CHIP, "second"):
        with pytest.raises(LockedError, match="is in use by execution"):
            Bench(others).start_session(chip_id=chip_id)
    running.complete()
    Bench(others).start_session(chip_id="second").complete()


def make_broken_backend(answer: Any) -> type[BaseBackend]:
    return make_backend(instrument=classmethod(lambda _cls, _context: answer()))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            make_raising(OSError("no file")),
            "backend bench cannot say with which instrument .* chip chip .*: no file",
        ),
        (make_raising(SystemExit(3)), "backend bench cannot say"),
        (lambda: "", "backend bench names '' as the instrument"),
        (lambda: None, "backend bench names None as the instrument"),
    ],
)
def test_a_backend_that_names_no_instrument_measures_nothing(
    make_bench: MakeBench, answer: Any, message: str
) -> None:
    bench = make_bench(make_task(), backends=[make_broken_backend(answer)])
    with pytest.raises(BackendError, match=message):
        bench.start_session()
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []
    assert list_affecting(bench.qdash, PROJECT) == [], "what cannot be told is not shown"


def test_what_would_refuse_a_run_is_known(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), backends=[make_backend_by_chip()], lock_scope="project")
    assert bench.qdash.locks.list_all() == []
    session = bench.start_session()
    (found,) = bench.qdash.locks.list_all()
    assert (found.lock.execution_id, found.locked) == (session.execution.execution_id, True)
    assert bench.qdash.locks.get_by_execution(session.execution) == found
    claim = found.lock.claim
    assert claim.excludes(Claim("bench/default/chip", "other"))
    assert claim.excludes(Claim("bench/default/second", PROJECT)), "it has its whole project for itself"
    assert not claim.excludes(Claim("bench/default/second", "other", "project"))
    assert bench.qdash.locks.get_by_execution(session.complete()) is None


@pytest.mark.parametrize("scope", ["project", "chip"])
def test_a_chip_that_is_being_measured_is_not_deleted(make_bench: MakeBench, scope: str) -> None:
    bench = make_bench(make_task(), lock_scope=scope)
    bench.add_chip("second")
    session = bench.start_session()
    with pytest.raises(LockedError, match="is being measured by execution"):
        bench.qdash.get(CHIPS).delete(ADMIN, CHIP, force=True)
    bench.qdash.get(CHIPS).delete(ADMIN, "second", force=True)
    session.complete()
    bench.qdash.get(CHIPS).delete(ADMIN, CHIP, force=True)


@pytest.mark.parametrize("reaped", [True, False], ids=["reaped", "zombie"])
@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_the_lock_of_a_killed_process_is_taken_over_at_once(
    make_bench: MakeBench, store_url: str, reaped: bool
) -> None:
    """This holds even before its parent has collected it, which in a container may never happen."""
    bench = make_bench(make_task(), lease_ttl_s=3600)
    home = str(bench.qdash.settings.home)
    run = ForkedProgram(A_RUN, home, store_url, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert run.stdout is not None
        execution_id = run.stdout.readline().strip()
        with pytest.raises(LockedError, match=f"{execution_id} .*process {run.pid} on"):
            bench.start_session()
        run.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, run.pid, os.WEXITED | (0 if reaped else os.WNOWAIT))
        assert hold_lock(bench) is not None
        assert bench.run().execution_id != execution_id
    finally:
        run.kill()
        run.communicate()
    assert hold_lock(bench) is None
    assert bench.qdash.get(EXECUTIONS).show(ADMIN, execution_id)[0].status is ExecutionStatus.FAILED
