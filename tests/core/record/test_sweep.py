"""The sweep: the next run ends the unfinished parts of a dead run, and changes nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.models.execution import ExecutionStatus
from qdash_core.process.clock import utc_now
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.session.dispatch.plans import Plan

from ...access import ADMIN
from ..bench import PROJECT, SIGNAL, make_backend_by_chip, make_raising, make_task

if TYPE_CHECKING:
    from qdash_core import CalibOrchestrator

    from ..bench import Bench
    from ..conftest import MakeBench


def cut_in_the_middle(bench: Bench, **config: Any) -> CalibOrchestrator:
    """Return a session that measured one qubit, was interrupted at the second, and never reached the third."""
    session = bench.start_session(**config)
    tasks = [session.plan_task("Measure"), session.plan_task("Endless")]
    with pytest.raises(KeyboardInterrupt):
        session.run_plan(Plan(tasks, [["0"], ["1"]]))
    return session


def count_forever(**given: Any) -> Any:
    return make_task("Endless", {"x": given.pop("x", None)} if "x" in given else {}, **given)


@pytest.mark.every_store
def test_what_ran_has_failed_and_what_waited_is_cancelled(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), count_forever(run=make_raising(KeyboardInterrupt)))
    execution_id = bench.abandon(cut_in_the_middle(bench))
    (ended,) = bench.qdash.external_transitions.end_interrupted(PROJECT)
    assert ended == bench.get_execution(execution_id)
    assert ended.status is ExecutionStatus.FAILED
    assert ended.message.startswith("interrupted: the process that ran it died")
    assert f"`qdash executions resume {execution_id}`" in ended.message
    assert ended.end_at is not None
    assert ended.tasks == {"completed": 1, "failed": 1, "cancelled": 2}
    rows = {(one.name, one.qid): one for one in bench.list_results(execution_id)}
    assert {key: (str(one.status), one.message) for key, one in rows.items()} == {
        ("Measure", "0"): ("completed", ""),
        ("Endless", "0"): ("failed", "interrupted"),
        ("Measure", "1"): ("cancelled", "interrupted"),
        ("Endless", "1"): ("cancelled", "interrupted"),
    }
    assert all(one.end_at is not None for one in rows.values())
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == [], (
        "the lock of the dead is freed"
    )
    assert bench.qdash.external_transitions.end_interrupted(PROJECT) == [], "once is enough"


def test_raw_data_that_a_dead_run_saved_are_found_again(make_bench: MakeBench) -> None:
    def measure(one: Any, _backend: object) -> None:
        one.context.partial(SIGNAL)
        raise KeyboardInterrupt

    bench = make_bench(make_task(), count_forever(measure=measure))
    execution_id = bench.abandon(cut_in_the_middle(bench))
    bench.qdash.external_transitions.end_interrupted(PROJECT)
    (cut,) = [one for one in bench.list_results(execution_id) if one.status == "failed"]
    assert cut.raw_data_path == [cut.raw_data_file]
    assert bench.qdash.artifacts.exists(cut.raw_data_file)


def test_a_run_that_lives_is_left_alone(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    assert bench.qdash.external_transitions.end_interrupted(PROJECT) == []
    assert not bench.qdash.record.is_interrupted(session.execution)
    assert session.complete().status is ExecutionStatus.COMPLETED


def test_the_runs_on_other_chips_go_on_where_each_has_an_instrument(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_task(), count_forever(run=make_raising(KeyboardInterrupt)), backends=[make_backend_by_chip()]
    )
    for chip_id in ("second", "third"):
        bench.add_chip(chip_id)
    alive = bench.start_session(chip_id="second")
    dead = bench.abandon(cut_in_the_middle(bench))
    following = bench.start_session(chip_id="third")
    assert bench.get_execution(dead).status is ExecutionStatus.FAILED
    assert bench.get_execution(alive.execution.execution_id).status is ExecutionStatus.RUNNING
    assert alive.run_task("Measure", "0").status == "completed"
    assert {
        one.chip_id for one in bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT)
    } == {"second", "third"}
    assert (alive.complete().status, following.complete().status) == (ExecutionStatus.COMPLETED,) * 2


def test_a_run_on_another_host_is_left_alone_until_its_lock_has_been_taken(make_bench: MakeBench) -> None:
    """A missing renewal may be due to the clock: only a process that takes the lock has observed it."""
    bench = make_bench(
        make_task(), count_forever(run=make_raising(KeyboardInterrupt)), backends=[make_backend_by_chip()]
    )
    bench.add_chip("second")
    execution_id = bench.abandon(cut_in_the_middle(bench))
    (lock,) = bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT)
    long_ago = utc_now() - timedelta(days=1)
    bench.repositories.of(ExecutionLockRepository).put(
        lock.model_copy(update={"host": "elsewhere", "expires_at": long_ago})
    )
    bench.start_session(chip_id="second").complete()
    assert bench.get_execution(execution_id).status is ExecutionStatus.RUNNING
    assert bench.qdash.record.is_interrupted(bench.get_execution(execution_id))
    taken = lock.model_copy(update={"owner": "who watched it"})
    bench.repositories.of(ExecutionLockRepository).remove(lock.hold)
    bench.repositories.of(ExecutionLockRepository).put(taken)
    bench.start_session(chip_id="second").complete()
    assert bench.get_execution(execution_id).status is ExecutionStatus.FAILED


def test_reading_writes_nothing(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), count_forever(run=make_raising(KeyboardInterrupt)))
    execution_id = bench.abandon(cut_in_the_middle(bench))
    before = bench.list_events()
    execution, results = bench.qdash.get(EXECUTIONS).show(ADMIN, execution_id)
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == [execution]
    assert execution.status is ExecutionStatus.RUNNING
    assert {str(one.status) for one in results} == {"completed", "running", "scheduled"}
    assert bench.list_events() == before


@pytest.mark.every_store
def test_whoever_was_swept_writes_nothing_more(make_bench: MakeBench) -> None:
    """Such a process was suspended for a while."""
    bench = make_bench(make_task(), count_forever(run=make_raising(KeyboardInterrupt)))
    session = cut_in_the_middle(bench)
    execution_id = bench.abandon(session)
    following = bench.start_session()
    seen = bench.qdash.get(EXECUTIONS).show(ADMIN, execution_id)
    seq = bench.list_events()[-1].seq
    ended = session.complete()
    assert (ended, bench.list_results(execution_id)) == seen
    assert bench.list_events(seq) == []
    assert (
        bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT)[0].owner
        == following.execution.lease_owner
    )
    following.complete()
