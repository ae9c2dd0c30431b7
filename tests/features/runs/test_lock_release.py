"""Release of instrument locks by users: the rule on live runs, and the record of a run whose lock was released."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.feature import EXECUTIONS, LOCK_RELEASE
from qdash_core import LockedError, NotFoundError
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.models.project import ProjectMembershipModel, ProjectRole, UserModel
from qdash_core.process.clock import utc_now
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.identity import ProjectMembershipRepository, UserRepository
from qdash_core.session.dispatch.plans import Plan

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, SIGNAL, make_task

if TYPE_CHECKING:
    from qdash_core import BaseTask

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

BOB = access_of("bob")


@pytest.fixture
def make_bench(make_bench: MakeBench) -> MakeBench:
    """Function that returns a bench with the second owner bob."""

    def make(*tasks: type[BaseTask], **given: Any) -> Bench:
        bench = make_bench(*tasks, **given)
        bench.repositories.of(UserRepository).add(
            UserModel(user_id="b", username="bob", default_project_id=PROJECT)
        )
        member = {"project_id": PROJECT, "user_id": "b", "username": "bob", "status": "active"}
        bench.repositories.of(ProjectMembershipRepository).put(
            ProjectMembershipModel(role=ProjectRole.OWNER, **member)
        )
        return bench

    return make


@pytest.mark.every_store
def test_the_record_of_a_live_run_names_who_released_its_lock(make_bench: MakeBench) -> None:
    benches: list[Bench] = []

    def measure(one: Any, _backend: object) -> None:
        one.context.partial(SIGNAL)
        (released,) = benches[0].qdash.get(LOCK_RELEASE).release(BOB, CHIP, force=True)
        assert released.lock.chip_id == CHIP

    bench = make_bench(make_task(), make_task("Endless", measure=measure))
    benches.append(bench)
    session = bench.start_session()
    execution_id = session.execution.execution_id
    tasks = [session.plan_task("Measure"), session.plan_task("Endless")]
    with pytest.raises(LockedError):
        session.run_plan(Plan(tasks, [["0"], ["1"]]))
    session.fail("what its own process says")
    ended = bench.get_execution(execution_id)
    assert (ended.status, ended.reason) == (ExecutionStatus.FAILED, EndReason.LOCK_RELEASED)
    assert ended.message == (
        f"bob released the instrument lock; `qdash executions resume {execution_id}` finishes the run"
    )
    assert (ended.attempts[-1].message, ended.attempts[-1].reason) == (ended.message, ended.reason)
    assert ended.tasks == {"completed": 1, "failed": 1, "cancelled": 2}
    (cut,) = [one for one in bench.list_results(execution_id) if one.status == "failed"]
    assert (cut.message, cut.raw_data_path) == ("bob released the instrument lock", [cut.raw_data_file])
    assert bench.qdash.locks.list_all() == []
    assert bench.qdash.external_transitions.end_interrupted(PROJECT) == []
    assert bench.run().status == "completed", "the instrument is free"


@pytest.mark.every_store
def test_a_lock_whose_run_may_be_alive_is_released_by_force_only(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    (lock,) = bench.repositories.of(ExecutionLockRepository).list_all()
    doubtful = {"host": "elsewhere", "expires_at": utc_now() - timedelta(seconds=1)}
    for held in (lock, lock.model_copy(update=doubtful)):
        bench.repositories.of(ExecutionLockRepository).put(held)
        for chip in (CHIP, None):
            with pytest.raises(ConflictError, match=rf"{session.execution.execution_id} of admin .*--force$"):
                bench.qdash.get(LOCK_RELEASE).release(BOB, chip)
        assert bench.repositories.of(ExecutionLockRepository).list_all() == [held]
    assert bench.get_execution(session.execution.execution_id).status is ExecutionStatus.RUNNING
    (released,) = bench.qdash.get(LOCK_RELEASE).release(BOB, force=True)
    assert released.holder == "doubtful"
    assert bench.get_execution(session.execution.execution_id).message.startswith("bob released")


@pytest.mark.parametrize("force", [False, True])
def test_a_dead_run_whose_lock_was_released_is_recorded_as_interrupted(
    make_bench: MakeBench, force: bool
) -> None:
    bench = make_bench(make_task())
    execution_id = bench.abandon(bench.start_session())
    assert len(bench.qdash.get(LOCK_RELEASE).release(BOB, CHIP, force=force)) == 1
    assert bench.repositories.of(ExecutionLockRepository).list_all() == []
    bench.run()
    ended = bench.get_execution(execution_id)
    assert (ended.status, ended.reason) == (ExecutionStatus.FAILED, EndReason.INTERRUPTED)
    assert ended.message.startswith("interrupted: the process that ran it died")


def test_a_cancelled_run_stays_one_when_its_lock_is_released(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    execution_id = session.execution.execution_id
    bench.qdash.external_transitions.request_cancel(PROJECT, execution_id, "alice")
    bench.qdash.get(LOCK_RELEASE).release(BOB, CHIP, force=True)
    ended = bench.get_execution(execution_id)
    assert (ended.status, ended.message) == (ExecutionStatus.CANCELLED, "cancelled by alice")


def test_a_run_whose_lock_was_released_is_resumed_by_a_person_only(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    execution_id = session.execution.execution_id
    bench.qdash.get(LOCK_RELEASE).release(BOB, CHIP, force=True)
    assert bench.qdash.get(EXECUTIONS).list_interrupted(ADMIN) == []
    resumed = bench.start_session(resume=True, execution_id=execution_id)
    assert resumed.run_task("Measure", "0").status == "completed"
    assert resumed.complete().status is ExecutionStatus.COMPLETED


def test_nothing_is_released_on_a_free_chip(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    assert bench.qdash.get(LOCK_RELEASE).release(ADMIN, CHIP, force=True) == []
    with pytest.raises(NotFoundError, match="nowhere"):
        bench.qdash.get(LOCK_RELEASE).release(ADMIN, "nowhere")


def test_the_reason_of_a_release_is_in_the_event_and_in_the_record_of_the_run(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    execution_id = session.execution.execution_id
    with pytest.raises(InvalidInputError, match="at most 500"):
        bench.qdash.get(LOCK_RELEASE).release(BOB, CHIP, force=True, reason="x" * 501)
    bench.qdash.get(LOCK_RELEASE).release(BOB, CHIP, force=True, reason="the source\nis off")
    event = next(one for one in bench.list_events() if one.kind == "lock.released")
    assert (event.chip_id, event.execution_id) == (CHIP, execution_id)
    assert (event.data["username"], event.data["reason"]) == ("bob", "the source is off")
    assert event.data["holder"] == "alive"
    released = "bob released the instrument lock (the source is off); "
    assert bench.get_execution(execution_id).message.startswith(released)


def test_the_release_of_a_dead_lock_is_an_event_without_a_reason(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    bench.abandon(bench.start_session())
    bench.qdash.get(LOCK_RELEASE).release(BOB, CHIP)
    event = next(one for one in bench.list_events() if one.kind == "lock.released")
    assert (event.data["holder"], "reason" in event.data) == ("dead", False)
