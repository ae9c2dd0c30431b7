"""The queue: order of runs, their waits, and deaths of processes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.feature import EXECUTIONS, QUEUE, RUNS
from qdash_builtin.runs.queue import RunQueue
from qdash_core import InvalidInputError, NotFoundError
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.process.clock import utc_now
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.queue import PresenceRepository, QueueRepository

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, Bench, make_backend_by_chip, make_raising, make_task
from ...core.locks.sample_locks import make_foreign_lock
from ...core.runs.crew import Crew, make_request, wait_until

if TYPE_CHECKING:
    from datetime import datetime

    from ...core.runs.conftest import MakeCrew

HOUR = timedelta(hours=1)


@pytest.fixture
def bench_and_crew(make_crew: MakeCrew) -> tuple[Bench, Crew]:
    bench, crew = make_crew(make_task(), make_task("Broken", {}, measure=make_raising(OSError("cable"))))
    return bench, crew


@pytest.fixture
def bench(bench_and_crew: tuple[Bench, Crew]) -> Bench:
    return bench_and_crew[0]


@pytest.fixture
def crew(bench_and_crew: tuple[Bench, Crew]) -> Crew:
    return bench_and_crew[1]


def order(bench: Bench) -> list[str]:
    return [one.entry.execution_id for one in bench.qdash.get(RUNS).queue.view.list_entries()]


def list_waiting(bench: Bench) -> list[str]:
    return [one.waits_for for one in bench.qdash.get(RUNS).queue.view.list_entries()]


def list_states(bench: Bench) -> list[str]:
    return [one.state for one in bench.qdash.get(RUNS).queue.view.list_entries()]


# --------------------------------------------------------------------------------------------------------------- asked for


@pytest.mark.every_store
def test_what_is_submitted_is_scheduled_and_waits_behind_all_others(bench: Bench, crew: Crew) -> None:
    first, second = (crew.submit() for _ in range(2))

    assert order(bench) == [first, second]
    assert list_states(bench) == ["waiting", "waiting"]
    execution = bench.get_execution(second)
    assert (execution.status, execution.attempts, execution.start_at) == (ExecutionStatus.SCHEDULED, [], None)
    assert execution.request == make_request(project_id=PROJECT)
    entry = crew.get_entry(second)
    assert (entry.chip_id, entry.instrument, entry.username, entry.name) == (
        CHIP,
        "bench",
        "admin",
        "Measure",
    )
    assert (entry.resume, entry.held, entry.waiter, entry.performer) == (False, False, "", "")
    assert [event.kind for event in bench.list_events()] == ["execution.scheduled"] * 2


def test_the_moment_of_an_entry_is_that_of_its_submission(crew: Crew) -> None:
    before = utc_now()
    assert before <= crew.get_entry(crew.submit()).submitted_at <= utc_now()


@pytest.mark.parametrize(
    "wrong",
    [
        {"flow": "Measur"},
        {"chip_id": "nix"},
        {"project_id": "nix"},
        {"backend_name": "nix"},
        {"parameters": {"depth": 3}},
        {"run_parameters": {"shots": 3}},
        {"flow": "nowhere.py"},
        {"single": "9"},
        {"single": "0", "chip_id": None},
        {"single": ""},
        {"since": "20000101-000"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_bad_input_is_refused_before_anything_is_written(bench: Bench, wrong: dict[str, Any]) -> None:
    from qdash_core.errors import QDashError

    with pytest.raises(QDashError):
        bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request(**wrong))
    assert order(bench) == []
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []
    assert bench.list_events() == []


# ------------------------------------------------------------------------------------------------------------------- order


@pytest.mark.parametrize(
    ("moved", "where", "then"),
    [
        (2, {"first": True}, [2, 0, 1]),
        (0, {}, [1, 2, 0]),
        (2, {"before": 1}, [0, 2, 1]),
        (0, {"before": 2}, [1, 0, 2]),
        (0, {"before": 1}, [0, 1, 2]),
        (0, {"first": True}, [0, 1, 2]),
    ],
)
def test_a_run_is_moved(bench: Bench, crew: Crew, moved: int, where: dict[str, Any], then: list[int]) -> None:
    runs = [crew.submit() for _ in range(3)]
    named = {name: runs[one] if name == "before" else one for name, one in where.items()}
    bench.qdash.get(QUEUE).move(ADMIN, runs[moved], **named)
    assert order(bench) == [runs[one] for one in then]


def test_who_waits_alone_can_be_changed(bench: Bench, crew: Crew) -> None:
    queue = bench.qdash.get(QUEUE)
    running, waiting = crew.submit(), crew.submit()
    assert crew.claim(crew.register(), running)
    changes = (
        lambda one: queue.move(ADMIN, one, first=True),
        lambda one: queue.hold(access_of("bob"), one),
        lambda one: queue.release(ADMIN, one),
        lambda one: queue.remove(access_of("bob"), one),
    )
    for change in changes:
        with pytest.raises(NotFoundError, match="20000101-000"):
            change("20000101-000")
        with pytest.raises(InvalidInputError, match=f"{running} runs already: .*executions cancel"):
            change(running)
    with pytest.raises(InvalidInputError, match="runs already"):
        queue.move(ADMIN, waiting, before=running)
    with pytest.raises(InvalidInputError, match="itself"):
        queue.move(ADMIN, waiting, before=waiting)
    assert order(bench) == [running, waiting]


def test_a_held_run_waits_until_it_is_released_and_those_behind_it_go_on(bench: Bench, crew: Crew) -> None:
    queue, worker = bench.qdash.get(QUEUE), crew.register()
    first, _ = crew.submit(), crew.submit()
    queue.hold(access_of("bob"), first)
    assert list_states(bench) == ["held", "waiting"]
    assert list_waiting(bench) == ["its release: held by bob", ""]
    assert not crew.claim(worker, first)
    queue.release(ADMIN, first)
    assert list_waiting(bench) == ["", f"execution {first} of admin, which is before it"]
    assert crew.claim(worker, first)


def test_a_removed_run_is_cancelled_and_says_by_whom(bench: Bench, crew: Crew) -> None:
    run = crew.submit()
    removed = bench.qdash.get(QUEUE).remove(access_of("bob"), run)
    assert removed == bench.get_execution(run)
    assert (removed.status, removed.reason) == (ExecutionStatus.CANCELLED, EndReason.CANCELLED)
    assert removed.message == "removed from the queue by bob"
    assert removed.end_at is not None
    assert order(bench) == []


def test_a_run_that_was_to_go_on_stays_as_it_was_when_it_is_removed(bench: Bench, crew: Crew) -> None:
    run = crew.submit("chip", flow="Broken")
    bench.qdash.get(RUNS).queue.claim(crew.get_entry(run), crew.register())
    ended = crew.perform(run)
    bench.qdash.get(RUNS).queue.conclude(PROJECT, run, died=False)
    assert order(bench) == []
    bench.qdash.get(RUNS).submissions.submit_resume(ADMIN, run)
    assert crew.get_entry(run).resume
    assert bench.qdash.get(QUEUE).remove(access_of("bob"), run) == ended
    assert order(bench) == []


def test_what_is_in_the_queue_cannot_enter_again_unless_it_is_held(bench: Bench, crew: Crew) -> None:
    run = crew.submit(flow="Broken")
    crew.claim(crew.register(), run)
    crew.perform(run)
    bench.qdash.get(RUNS).queue.conclude(PROJECT, run, died=False)
    bench.qdash.get(RUNS).submissions.submit_resume(ADMIN, run)
    with pytest.raises(InvalidInputError, match="is in the queue already"):
        bench.qdash.get(RUNS).submissions.submit_resume(ADMIN, run)
    bench.qdash.get(QUEUE).hold(ADMIN, run)
    bench.qdash.get(RUNS).submissions.submit_resume(ADMIN, run)
    assert list_states(bench) == ["waiting"]


# ------------------------------------------------------------------------------------------------------------ whose turn


@pytest.mark.every_store
def test_one_of_two_who_claim_a_run_has_it(bench: Bench, crew: Crew) -> None:
    run, one, other = crew.submit(), crew.register(), crew.register()
    entry = crew.get_entry(run)
    assert [bench.qdash.get(RUNS).queue.claim(entry, who) for who in (one, other)] == [True, False]
    assert crew.get_entry(run).performer == one
    assert list_states(bench) == ["running"]


@pytest.mark.every_store
def test_who_claims_what_was_moved_held_or_removed_meanwhile_has_to_look_again(
    bench: Bench, crew: Crew
) -> None:
    queue, worker = bench.qdash.get(QUEUE), crew.register()
    runs = [crew.submit() for _ in range(3)]
    moved, held, removed = (crew.get_entry(run) for run in runs)
    queue.move(ADMIN, runs[0])
    queue.hold(access_of("bob"), runs[1])
    queue.remove(access_of("bob"), runs[2])
    assert [bench.qdash.get(RUNS).queue.claim(entry, worker) for entry in (moved, held, removed)] == [
        False,
        False,
        False,
    ]
    assert order(bench) == [runs[1], runs[0]]
    assert list_states(bench) == ["held", "waiting"]


def test_a_run_says_who_runs_and_who_is_before_it(bench: Bench, crew: Crew) -> None:
    worker = crew.register()
    first, second, third = (crew.submit() for _ in range(3))
    assert list_waiting(bench) == [
        "",
        f"execution {first} of admin, which is before it",
        f"execution {first} of admin, which is before it",
    ]
    assert crew.claim(worker, first)
    assert list_waiting(bench) == [
        "",
        f"execution {first} of admin, which runs",
        f"execution {first} of admin, which runs",
    ]
    crew.perform(first)
    bench.qdash.get(RUNS).queue.conclude(PROJECT, first, died=False)
    assert order(bench) == [second, third]
    assert list_waiting(bench) == ["", f"execution {second} of admin, which is before it"]


def test_a_run_says_who_uses_its_chip_without_the_queue(bench: Bench, crew: Crew) -> None:
    crew.submit()
    session = bench.start_session()
    (why,) = list_waiting(bench)
    assert f"in use by execution {session.execution.execution_id} of admin (process " in why
    session.complete()
    assert list_waiting(bench) == [""]


def test_what_was_given_back_waits_in_its_place(bench: Bench, crew: Crew) -> None:
    first, second = crew.submit(), crew.submit()
    assert crew.claim(crew.register(), first)
    bench.qdash.get(RUNS).queue.give_back_claim(PROJECT, first)
    assert (order(bench), list_states(bench)) == ([first, second], ["waiting", "waiting"])
    bench.qdash.get(RUNS).queue.give_back_claim(
        PROJECT, "20000101-000"
    )  # one that has been cancelled meanwhile


@pytest.mark.parametrize("waiter", ["a worker", "a command"])
def test_what_nobody_can_perform_is_in_nobodys_way(bench: Bench, crew: Crew, waiter: str) -> None:
    """A background run without a worker does not block others; with a worker it does again."""
    command = crew.register("command")
    detached, mine = crew.submit(), crew.submit(waiter=command)
    assert bench.qdash.get(RUNS).queue.view.list_workers() == []
    assert list_waiting(bench) == ["", ""]
    crew.register(*(["worker"] if waiter == "a worker" else ["command"]))  # type: ignore[arg-type]
    before = f"execution {detached} of admin, which is before it" if waiter == "a worker" else ""
    assert list_waiting(bench) == ["", before]
    assert len(bench.qdash.get(RUNS).queue.view.list_workers()) == (waiter == "a worker")
    assert crew.get_entry(mine).waiter == command


def test_other_instruments_do_not_matter(make_crew: MakeCrew) -> None:
    bench, crew = make_crew(make_task(), backends=[make_backend_by_chip()])
    bench.add_chip("other")
    worker = crew.register()
    here, there = crew.submit(), crew.submit("other")
    assert list_waiting(bench) == ["", ""]
    assert crew.claim(worker, here)
    assert list_waiting(bench) == ["", ""]
    assert crew.claim(worker, there)


@pytest.mark.every_store
def test_two_chips_of_one_instrument_wait_for_each_other(bench: Bench, crew: Crew) -> None:
    bench.add_chip("other")
    crew.register()
    here = crew.submit()
    crew.submit("other")
    assert list_waiting(bench) == ["", f"execution {here} of admin, which is before it"]


@pytest.mark.every_store
def test_with_the_scope_of_a_project_all_its_chips_wait_for_each_other(make_crew: MakeCrew) -> None:
    bench, crew = make_crew(make_task(), backends=[make_backend_by_chip()], lock_scope="project")
    bench.add_chip("other")
    bench.add_project("far")
    bench.qdash.get(CHIPS).create(
        access_of("admin", "far"), CHIP, bench.qdash.get(CHIPS).show(ADMIN, CHIP).topology, backend="bench"
    )
    crew.register()
    here = crew.submit()
    crew.submit("other")
    bench.qdash.get(RUNS).submissions.submit(access_of("admin", "far"), make_request())
    assert list_waiting(bench) == ["", f"execution {here} of admin, which is before it", ""]


def test_entries_are_those_of_one_project_or_of_the_store(bench: Bench, crew: Crew) -> None:
    bench.add_project("far")
    bench.qdash.get(CHIPS).create(
        access_of("admin", "far"), CHIP, bench.qdash.get(CHIPS).show(ADMIN, CHIP).topology, backend="bench"
    )
    here, there = (
        crew.submit(),
        bench.qdash.get(RUNS).submissions.submit(access_of("admin", "far"), make_request()).execution_id,
    )
    queue = bench.qdash.get(QUEUE)
    found = (
        queue.list_entries(ADMIN),
        queue.list_entries(access_of("admin", "far")),
        bench.qdash.get(RUNS).queue.view.list_entries(),
    )
    assert [[one.entry.execution_id for one in entries] for entries in found] == [
        [here],
        [there],
        [here, there],
    ]


# ---------------------------------------------------------------------------------------------------------- who has died


def test_a_run_whose_command_died_leaves_the_queue_and_is_cancelled(bench: Bench, crew: Crew) -> None:
    dead, alive = crew.register("command"), crew.register("command")
    lost, kept = crew.submit(waiter=dead), crew.submit(waiter=alive)
    crew.kill(dead)
    bench.qdash.get(RUNS).queue.sweep()
    assert order(bench) == [kept]
    ended = bench.get_execution(lost)
    assert (ended.status, ended.message) == (
        ExecutionStatus.CANCELLED,
        "the command that waited for it ended before its turn",
    )
    assert [one.owner for one in bench.repositories.of(PresenceRepository).list_all()] == [alive]


@pytest.mark.every_store
def test_a_run_whose_worker_died_goes_on_first(bench: Bench, crew: Crew) -> None:
    worker = crew.register()
    run = crew.submit()
    later = crew.submit()
    crew.begin_and_die(worker, run)
    crew.register()

    bench.qdash.get(RUNS).queue.sweep()
    assert (order(bench), list_states(bench)) == ([run, later], ["waiting", "waiting"])
    entry, execution = crew.get_entry(run), bench.get_execution(run)
    assert (entry.resume, entry.deaths, entry.held, entry.performer) == (True, 1, False, "")
    assert (execution.status, execution.reason) == (ExecutionStatus.FAILED, EndReason.INTERRUPTED)
    assert list_waiting(bench) == ["", f"execution {run} of admin, which is before it"]

    ended = crew.perform(run)
    assert (ended.status, ended.tasks, len(ended.attempts)) == (
        ExecutionStatus.COMPLETED,
        {"completed": 1},
        2,
    )


def test_who_looks_sees_what_is_left_of_the_dead_and_changes_nothing(bench: Bench, crew: Crew) -> None:
    command, worker, other = crew.register("command"), crew.register(), crew.register()
    lost, ended, broken = crew.submit(waiter=command), crew.submit(), crew.submit()
    assert crew.claim(other, ended)
    crew.perform(ended)
    crew.kill(other)
    crew.begin_and_die(worker, broken)
    crew.kill(command)

    def kept() -> list[object]:
        repositories = bench.repositories
        executions = [bench.get_execution(run) for run in (lost, ended, broken)]
        return [
            *repositories.of(QueueRepository).list_all(),
            *repositories.of(PresenceRepository).list_all(),
            *executions,
        ]

    before = kept()
    (seen,) = bench.qdash.get(QUEUE).list_entries(ADMIN)
    assert (seen.entry.execution_id, seen.state) == (broken, "waiting")
    for gone in (lost, ended):
        with pytest.raises(NotFoundError):
            bench.qdash.get(QUEUE).show(ADMIN, gone)
    (waiting,) = bench.qdash.get(QUEUE).get_chip_runs(ADMIN, CHIP).waiting
    assert waiting == seen
    assert kept() == before

    crew.submit()
    assert order(bench)[0] == broken, "who submits takes out what is gone"
    assert bench.repositories.of(QueueRepository).find(PROJECT, lost) is None
    assert bench.get_execution(lost).status is ExecutionStatus.CANCELLED


def test_a_run_that_kills_two_workers_is_held_with_the_reason(bench: Bench, crew: Crew) -> None:
    run, later = crew.submit(), crew.submit()
    for _ in range(2):
        crew.begin_and_die(crew.register(), run)
        bench.qdash.get(RUNS).queue.sweep()
    entry = crew.get_entry(run)
    assert (entry.held, entry.deaths, entry.resume) == (True, 2, True)
    assert entry.reason.startswith("its worker died 2 times: interrupted: ")
    assert list_waiting(bench) == [f"its release: {entry.reason}", ""]

    bench.qdash.get(QUEUE).release(ADMIN, run)
    assert (crew.get_entry(run).held, crew.get_entry(run).deaths) == (False, 0)
    crew.begin_and_die(crew.register(), run)
    assert list_states(bench) == ["waiting", "waiting"], "a released run may lose a worker again"
    assert order(bench) == [run, later]


@pytest.mark.every_store
def test_a_death_that_several_see_at_once_counts_once_and_takes_nothing_from_the_next_worker(
    bench: Bench, crew: Crew
) -> None:
    run = crew.submit()
    crew.begin_and_die(crew.register(), run)
    seen, queue = crew.get_entry(run), bench.qdash.get(RUNS).queue
    queue.recover(seen)
    queue.recover(seen)
    assert (crew.get_entry(run).deaths, list_states(bench)) == (1, ["waiting"])

    following = crew.register()
    assert crew.claim(following, run)
    queue.recover(seen)
    assert crew.get_entry(run).performer == following


def test_a_run_that_is_claimed_in_time_stays_although_another_process_was_about_to_take_it_out(
    bench: Bench, crew: Crew
) -> None:
    run = (
        bench.qdash.get(RUNS)
        .submissions.submit(ADMIN, make_request(), begin_before=utc_now() + HOUR)
        .execution_id
    )
    worker, claimed = crew.register(), []

    def past_the_deadline() -> datetime:
        """Return the time of a process that has read the queue, before it writes: a worker was in time
        meanwhile.
        """
        if not claimed:
            claimed.append(crew.claim(worker, run))
        return utc_now() + 2 * HOUR

    RunQueue(bench.qdash, clock=past_the_deadline).sweep()

    assert claimed == [True]
    assert crew.get_entry(run).performer == worker
    assert bench.get_execution(run).status is ExecutionStatus.SCHEDULED


def test_a_run_that_had_not_begun_when_its_worker_died_is_begun_by_the_next(bench: Bench, crew: Crew) -> None:
    worker, run = crew.register(), crew.submit()
    assert crew.claim(worker, run)
    crew.kill(worker)
    bench.qdash.get(RUNS).queue.sweep()
    entry = crew.get_entry(run)
    assert (entry.resume, entry.deaths, entry.performer) == (False, 1, "")
    assert bench.get_execution(run).status is ExecutionStatus.SCHEDULED
    assert crew.perform(run).status is ExecutionStatus.COMPLETED


def test_a_run_that_its_worker_let_go_goes_on_first_and_counts_no_death(bench: Bench, crew: Crew) -> None:
    run, later = crew.submit(), crew.submit()
    assert crew.claim(crew.register(), run)
    crew.begin(run)
    bench.qdash.external_transitions.end_interrupted(PROJECT)
    bench.qdash.get(RUNS).queue.conclude(PROJECT, run, died=False)
    assert order(bench) == [run, later]
    assert (crew.get_entry(run).deaths, crew.get_entry(run).resume) == (0, True)


@pytest.mark.parametrize("flow", ["Measure", "Broken"])
def test_what_has_ended_leaves_the_queue_however_it_ended(bench: Bench, crew: Crew, flow: str) -> None:
    run = crew.submit(flow=flow)
    assert crew.claim(crew.register(), run)
    crew.perform(run)
    bench.qdash.get(RUNS).queue.conclude(PROJECT, run, died=False)
    assert order(bench) == []
    bench.qdash.get(RUNS).queue.conclude(PROJECT, run, died=False)


def test_a_worker_that_lives_is_left_alone(bench: Bench, crew: Crew) -> None:
    run = crew.submit()
    assert crew.claim(crew.register(), run)
    for _ in range(3):
        bench.qdash.get(RUNS).queue.sweep()
    assert list_states(bench) == ["running"]


def test_a_run_of_a_dead_worker_whose_process_lives_on_is_waited_for(bench: Bench, crew: Crew) -> None:
    """That process ends itself as soon as it notices; until then no other may measure."""
    worker, run = crew.register(), crew.submit()
    assert crew.claim(worker, run)
    from qdash_core.session.running_flow import RunningFlow, set_current_flow

    execution = bench.get_execution(run)
    with set_current_flow(RunningFlow(execution.flow_run_id or "", scheduled=run, request=execution.request)):
        session = bench.start_session()
    crew.kill(worker)
    crew.register()
    later = crew.submit()
    assert list_states(bench) == ["running", "waiting"]
    assert list_waiting(bench) == ["", f"execution {run} of admin, which is before it"]
    session.fail("interrupted")
    bench.qdash.get(RUNS).queue.sweep()
    assert order(bench) == [later]


def test_a_resume_that_had_not_begun_when_its_worker_died_still_waits(bench: Bench, crew: Crew) -> None:
    """This holds for any earlier state of the execution, since its resume was acknowledged."""
    run = crew.submit(flow="Broken")
    worker = crew.register()
    assert crew.claim(worker, run)
    failed = crew.perform(run)
    bench.qdash.get(RUNS).queue.conclude(PROJECT, run, died=False)
    bench.qdash.get(RUNS).submissions.submit_resume(ADMIN, run)
    assert crew.claim(worker, run)
    crew.kill(worker)
    bench.qdash.get(RUNS).queue.sweep()
    assert (crew.get_entry(run).resume, crew.get_entry(run).deaths, crew.get_entry(run).performer) == (
        True,
        1,
        "",
    )
    assert bench.get_execution(run).model_copy(update={"resume_request": None}) == failed


def test_what_never_began_is_listed_where_it_was_asked_for(bench: Bench, crew: Crew) -> None:
    """A waiting run must not be listed behind all past runs."""
    old = bench.qdash.get(RUNS).run(ADMIN, make_request()).execution_id
    removed = crew.submit()
    bench.qdash.get(QUEUE).remove(access_of("bob"), removed)
    new = bench.qdash.get(RUNS).run(ADMIN, make_request()).execution_id
    waiting = [crew.submit(), crew.submit()]
    listed = [*reversed(waiting), new, removed, old]
    for limit in (None, 1, 3, 4, 10):
        found = bench.qdash.get(EXECUTIONS).newest(ADMIN, limit=limit)
        assert [one.execution_id for one in found] == listed[:limit]
    assert [one.execution_id for one in bench.qdash.get(EXECUTIONS).newest(ADMIN, chip_id=CHIP)] == listed
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN, chip_id="other") == []


def test_a_lock_of_another_host_is_waited_for_until_its_time_is_over(bench: Bench, crew: Crew) -> None:
    run = crew.submit()
    (before,) = bench.qdash.get(RUNS).queue.view.list_entries()
    assert before.waits_for == ""
    now = utc_now()
    lock = make_foreign_lock(
        chip_id=CHIP,
        instrument=before.entry.instrument,
        expires_at=now + timedelta(seconds=20),
        acquired_at=now,
    )
    bench.repositories.of(ExecutionLockRepository).put(lock)
    assert ", in use by" in (bench.qdash.get(RUNS).queue.view.get_position(*before.entry.key).waits_for or "")
    bench.repositories.of(ExecutionLockRepository).put(
        lock.model_copy(update={"expires_at": now - timedelta(seconds=1)})
    )
    assert bench.qdash.get(RUNS).queue.view.get_position(*before.entry.key).waits_for is None, (
        "who takes the lock watches it first"
    )
    assert before.entry.execution_id == run


def test_a_run_goes_on_that_a_worker_of_another_host_has_left_once_its_lock_was_watched(
    bench: Bench, crew: Crew
) -> None:
    worker, run = crew.register(), crew.submit()
    assert crew.claim(worker, run)
    crew.begin(run)
    elsewhere = {"host": "elsewhere", "expires_at": utc_now() - timedelta(seconds=1), "ttl_s": 0.05}
    presence = bench.repositories.of(PresenceRepository).find(worker)
    lock = bench.repositories.of(ExecutionLockRepository).get_held_by(bench.get_execution(run).hold)
    assert presence is not None
    assert lock is not None
    bench.repositories.of(PresenceRepository).put(presence.model_copy(update=elsewhere))
    bench.repositories.of(ExecutionLockRepository).put(lock.model_copy(update=elsewhere))
    bench.qdash.get(RUNS).queue.sweep()
    assert (crew.get_entry(run).performer, bench.get_execution(run).status) == (worker, "running")

    def left() -> bool:
        bench.qdash.get(RUNS).queue.sweep()
        return not crew.get_entry(run).performer

    wait_until(left, what="the run waits again")
    assert (crew.get_entry(run).resume, crew.get_entry(run).deaths) == (True, 1)
    assert bench.get_execution(run).reason == "interrupted"
    assert crew.perform(run).status == "completed"


def test_a_run_of_another_host_whose_worker_alone_has_died_goes_on_there(bench: Bench, crew: Crew) -> None:
    worker, run = crew.register(), crew.submit()
    assert crew.claim(worker, run)
    crew.begin(run)
    lock = bench.repositories.of(ExecutionLockRepository).get_held_by(bench.get_execution(run).hold)
    assert lock is not None
    crew.kill(worker)
    for renewals in range(1, 4):  # renewed by a slow clock
        late = {"host": "elsewhere", "expires_at": utc_now() - timedelta(hours=1), "ttl_s": 0.0}
        bench.repositories.of(ExecutionLockRepository).put(
            lock.model_copy(update={**late, "renewals": renewals})
        )
        bench.qdash.get(RUNS).queue.sweep()
    assert (crew.get_entry(run).performer, bench.get_execution(run).status) == (worker, "running")
