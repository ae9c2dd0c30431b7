"""Foreground runs: queueing, end, and progress."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.runs.feature import EXECUTIONS, QUEUE, RUNS
from qdash_core import InvalidInputError, LockedError, NotFoundError
from qdash_core.errors import FlowError
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.hooks.announcers import configure_notifiers
from qdash_core.hooks.flows import FlowTemplate
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.models.progress import SilentProgress
from qdash_core.models.request import TargetSelection
from qdash_core.repositories.queue import PresenceRepository, QueueRepository

from ...access import ADMIN, access_of
from ...core.bench import PROJECT, SIGNAL, Bench, make_backend, make_backend_by_chip, make_raising, make_task
from ...core.runs.crew import PATIENCE_S, Crew, make_request, wait_until

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from qdash_builtin.runs.queue_view import QueuePosition
    from qdash_builtin.runs.service import RunService
    from qdash_builtin.runs.submission import Submission
    from qdash_core.hooks.notice import Notice

    from ...core.runs.conftest import MakeCrew

BOTH = TargetSelection(qubits=("0", "1"))


def make_failing_measurement(qid: str, fixed: list[bool]) -> object:
    """Return a measurement that fails on a target until it is repaired."""

    def measure(task: object, _backend: object) -> object:
        if task.context.qid == qid and not fixed:  # type: ignore[attr-defined]
            raise OSError("cable")
        return SIGNAL

    return measure


class Listener:
    """A notifier that records its notices."""

    name = "listener"

    def __init__(self) -> None:
        self.heard: list[Notice] = []

    def notify(self, event: Notice) -> None:
        self.heard.append(event)


@pytest.fixture
def bench_and_crew(make_crew: MakeCrew) -> tuple[Bench, Crew]:
    return make_crew(make_task())


@pytest.fixture
def bench(bench_and_crew: tuple[Bench, Crew]) -> Bench:
    return bench_and_crew[0]


@pytest.fixture
def crew(bench_and_crew: tuple[Bench, Crew]) -> Crew:
    return bench_and_crew[1]


def assert_queue_empty(bench: Bench) -> bool:
    return (
        bench.qdash.get(RUNS).queue.view.list_entries() == []
        and bench.repositories.of(PresenceRepository).list_all() == []
    )


@pytest.mark.every_store
def test_a_run_on_a_free_chip_begins_at_once_and_leaves_nothing_in_the_queue(bench: Bench) -> None:
    said: list[str] = []
    ended = bench.qdash.get(RUNS).run(ADMIN, make_request(targets=BOTH), waiting=said.append)
    assert (ended.status, ended.tasks) == (ExecutionStatus.COMPLETED, {"completed": 2})
    assert ended == bench.get_execution(ended.execution_id)
    assert ended.flow_run_id == ended.note["flow_run_id"]
    assert said == []
    assert assert_queue_empty(bench)
    assert [event.kind for event in bench.list_events() if event.kind.startswith("execution")] == [
        "execution.scheduled",
        "execution.running",
        "execution.completed",
    ]


def test_a_second_run_waits_says_for_whom_and_begins_by_itself(bench: Bench, crew: Crew) -> None:
    session, said = bench.start_session(), list[str]()
    waiting = crew.call_in_thread(bench.qdash.get(RUNS).run, ADMIN, make_request(), waiting=said.append)
    wait_until(lambda: said, what="it says that it waits")
    (entry,) = bench.qdash.get(RUNS).queue.view.list_entries()
    assert said == [f"execution {entry.entry.execution_id} waits for {entry.waits_for}"]
    assert f"in use by execution {session.execution.execution_id} of admin" in said[0]

    session.complete()
    assert waiting.result(PATIENCE_S).status is ExecutionStatus.COMPLETED
    assert assert_queue_empty(bench)


def test_runs_begin_in_the_order_in_which_they_were_asked_for(bench: Bench, crew: Crew) -> None:
    session = bench.start_session()
    runs = []
    for number in range(3):
        runs.append(crew.call_in_thread(bench.qdash.get(RUNS).run, ADMIN, make_request(tags=(str(number),))))
        wait_until(lambda: len(bench.qdash.get(RUNS).queue.view.list_entries()) == len(runs), what="it waits")
    session.complete()
    ended = [one.result(PATIENCE_S) for one in runs]
    assert [one.tags for one in ended] == [["0"], ["1"], ["2"]]
    starts = [one.start_at for one in ended]
    assert starts == sorted(starts)  # type: ignore[type-var]


@pytest.mark.parametrize(
    "busy", ["with a session", "with a run that has just been claimed", "with those before it"]
)
def test_who_does_not_wait_is_refused_while_the_chip_is_busy(bench: Bench, crew: Crew, busy: str) -> None:
    worker = crew.register()
    if busy == "with a session":
        bench.start_session()
    else:
        run = crew.submit()
        assert busy == "with those before it" or crew.claim(worker, run)
    before = (
        bench.qdash.get(RUNS).queue.view.list_entries(),
        bench.qdash.get(EXECUTIONS).newest(ADMIN),
        bench.list_events(),
    )
    with pytest.raises(LockedError, match=r"in use|which runs|is before it"):
        bench.qdash.get(RUNS).run(ADMIN, make_request(), wait=False)
    assert before == (
        bench.qdash.get(RUNS).queue.view.list_entries(),
        bench.qdash.get(EXECUTIONS).newest(ADMIN),
        bench.list_events(),
    )


def test_who_does_not_wait_runs_while_the_chip_is_free(make_crew: MakeCrew) -> None:
    bench, crew = make_crew(make_task(), backends=[make_backend_by_chip()])
    bench.add_chip("other")
    crew.register()
    crew.submit("other")
    assert bench.qdash.get(RUNS).run(ADMIN, make_request(), wait=False).status is ExecutionStatus.COMPLETED


@pytest.mark.parametrize("ahead", ["waits", "runs"])
def test_who_does_not_wait_runs_when_what_was_ahead_dies_before_the_first_look(
    bench: Bench, crew: Crew, monkeypatch: pytest.MonkeyPatch, ahead: str
) -> None:
    """Two simultaneous submissions both find the chip free: one of them is first, and may die at once."""
    command = crew.register("command")
    lost = crew.submit(waiter=command)
    submits = bench.qdash.get(RUNS).submissions.submit

    def submit(*given: Any, **options: Any) -> Submission:
        submission = submits(*given, **{**options, "wait": True})
        if ahead == "waits":
            assert bench.qdash.get(RUNS).queue.view.get_position(PROJECT, submission.execution_id).waits_for
        else:
            assert crew.claim(command, lost)
            crew.begin(lost)
        crew.kill(command)
        return submission

    monkeypatch.setattr(bench.qdash.get(RUNS).submissions, "submit", submit)
    assert bench.qdash.get(RUNS).run(ADMIN, make_request(), wait=False).status is ExecutionStatus.COMPLETED
    assert bench.get_execution(lost).status in (ExecutionStatus.CANCELLED, ExecutionStatus.FAILED)
    assert assert_queue_empty(bench)


@pytest.mark.parametrize("wait", [True, False])
def test_notifiers_hear_of_a_dead_run_that_the_next_one_ends(bench: Bench, crew: Crew, wait: bool) -> None:
    crew.begin(lost := crew.submit())
    bench.repositories.of(QueueRepository).remove(PROJECT, lost)
    listener = Listener()
    bench.qdash.__dict__["notifiers"] = configure_notifiers([listener], bench.qdash.settings)
    ended = bench.qdash.get(RUNS).run(ADMIN, make_request(), wait=wait)
    assert [(one.execution_id, one.kind) for one in listener.heard] == [
        (lost, "execution.failed"),
        (ended.execution_id, "execution.completed"),
    ]


def test_a_reason_that_comes_back_after_a_rival_was_quicker_is_told_once(
    bench: Bench, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, said = bench.start_session(), list[str]()
    queue, looks = bench.qdash.get(RUNS).queue, list[str]()  # the first one belongs to the submission
    position = queue.view.get_position

    def rival_at_third_look(project_id: str, execution_id: str) -> QueuePosition:
        found = position(project_id, execution_id)
        looks.append(found.reason)
        return replace(found, waits_for=None) if len(looks) == 3 else found

    claim = queue.claim
    monkeypatch.setattr(queue.view, "get_position", rival_at_third_look)
    monkeypatch.setattr(queue, "claim", lambda *given: len(looks) != 3 and claim(*given))
    running = crew.call_in_thread(bench.qdash.get(RUNS).run, ADMIN, make_request(), waiting=said.append)
    wait_until(lambda: len(looks) >= 5, what="it looks again")
    session.complete()
    assert running.result(PATIENCE_S).status is ExecutionStatus.COMPLETED
    assert len(said) == 1


def test_bad_input_is_refused_without_waiting(bench: Bench) -> None:
    bench.start_session()
    before = bench.list_events()
    with pytest.raises(NotFoundError, match="no flow or task 'Measur'"):
        bench.qdash.get(RUNS).run(ADMIN, make_request("Measur"))
    assert (bench.list_events(), bench.qdash.get(RUNS).queue.view.list_entries()) == (before, [])


# --------------------------------------------------------------------------------------------------- just before it begins


class _LastMoment:
    """Takes the chip a number of times just before the next run starts."""

    def __init__(self, bench: Bench, times: int) -> None:
        self._bench, self.left = bench, times
        self.taken: list[object] = []

    def connect(self, service: RunService, monkeypatch: pytest.MonkeyPatch) -> None:
        performs = service.perform_with_runner

        def perform_with_runner(*given: object) -> None:
            if not self.left:
                performs(*given)  # type: ignore[arg-type]
                return
            self.left -= 1
            session = self._bench.start_session()
            try:
                performs(*given)  # type: ignore[arg-type]
            finally:
                session.complete()

        monkeypatch.setattr(service, "perform_with_runner", perform_with_runner)


def test_a_run_whose_chip_is_taken_just_before_it_begins_waits_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _LastMoment(bench, 2).connect(bench.qdash.get(RUNS), monkeypatch)
    ended = bench.qdash.get(RUNS).run(ADMIN, make_request())
    assert (ended.status, len(ended.attempts)) == (ExecutionStatus.COMPLETED, 1)
    assert assert_queue_empty(bench)


def test_one_that_does_not_wait_is_refused_then_and_the_record_says_why(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _LastMoment(bench, 1).connect(bench.qdash.get(RUNS), monkeypatch)
    with pytest.raises(LockedError):
        bench.qdash.get(RUNS).run(ADMIN, make_request(), wait=False)
    refused = next(one for one in bench.qdash.get(EXECUTIONS).newest(ADMIN) if one.request is not None)
    assert (refused.status, refused.reason) == (ExecutionStatus.FAILED, EndReason.REFUSED)
    assert "in use" in refused.message
    assert assert_queue_empty(bench)


def test_a_flow_that_alone_knows_its_chip_is_refused_while_that_is_busy(
    bench: Bench, crew: Crew, tmp_path: Path
) -> None:
    """No other process can see its conflict, and it must not be called repeatedly."""
    file = tmp_path / "own.py"
    file.write_text(
        "from pathlib import Path\n"
        "from qdash_core import CalibService\n"
        "def own(username):\n"
        "    with Path('calls').open('a') as calls: calls.write('x')\n"
        "    raise LOCKED('chip is in use')\n".replace("LOCKED", "__import__('qdash_core').LockedError")
    )
    with pytest.raises(LockedError):
        bench.qdash.get(RUNS).run(ADMIN, make_request(str(file), chip_id=None, targets=TargetSelection()))
    assert (tmp_path / "calls").read_text() == "x"
    (refused,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert (refused.status, refused.reason) == (ExecutionStatus.FAILED, EndReason.REFUSED)
    with crew.run_worker() as said:
        again = bench.qdash.get(RUNS).submissions.submit(
            ADMIN, make_request(str(file), chip_id=None, targets=TargetSelection())
        )
        wait_until(lambda: any("failed" in line for line in said), what="the worker gives it up")
    assert bench.get_execution(again.execution_id).reason is EndReason.REFUSED
    assert (tmp_path / "calls").read_text() == "xx"


# ------------------------------------------------------------------------------------------------- stopped while it waits


def test_a_waiting_run_that_is_cancelled_tells_who_waits(bench: Bench, crew: Crew) -> None:
    session, said = bench.start_session(), list[str]()
    waiting = crew.call_in_thread(bench.qdash.get(RUNS).run, ADMIN, make_request(), waiting=said.append)
    wait_until(lambda: said, what="it waits")
    (status,) = bench.qdash.get(RUNS).queue.view.list_entries()
    ended = bench.qdash.get(RUNS).cancel(access_of("bob"), status.entry.execution_id)
    assert (ended.status, ended.message) == (ExecutionStatus.CANCELLED, "cancelled by bob")
    with pytest.raises(FlowError, match="does not wait any more: it is cancelled, cancelled by bob"):
        waiting.result(PATIENCE_S)
    session.complete()
    assert assert_queue_empty(bench)


def test_a_waiting_run_that_is_removed_tells_who_waits(bench: Bench, crew: Crew) -> None:
    session, said = bench.start_session(), list[str]()
    waiting = crew.call_in_thread(bench.qdash.get(RUNS).run, ADMIN, make_request(), waiting=said.append)
    wait_until(lambda: said, what="it waits")
    (status,) = bench.qdash.get(RUNS).queue.view.list_entries()
    bench.qdash.get(QUEUE).remove(access_of("bob"), status.entry.execution_id)
    with pytest.raises(FlowError, match="it is cancelled, removed from the queue by bob"):
        waiting.result(PATIENCE_S)
    session.complete()


def test_an_interrupt_while_it_waits_cancels_the_run_and_says_which(bench: Bench) -> None:
    session = bench.start_session()

    def interrupt(_why: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match=r"execution \S+ is cancelled"):
        bench.qdash.get(RUNS).run(ADMIN, make_request(), waiting=interrupt)
    session.complete()
    ended = next(one for one in bench.qdash.get(EXECUTIONS).newest(ADMIN) if one.request is not None)
    assert (ended.status, ended.message) == (ExecutionStatus.CANCELLED, "cancelled while it waited")
    assert assert_queue_empty(bench)


def test_a_run_that_is_cancelled_just_before_its_process_looks_is_not_run(bench: Bench, crew: Crew) -> None:
    run = crew.submit()
    assert crew.claim(crew.register(), run)
    bench.qdash.get(RUNS).cancel(access_of("bob"), run)
    with pytest.raises(KeyboardInterrupt, match=f"execution {run} is cancelled"):
        crew.perform(run)
    assert (bench.get_execution(run).message, bench.list_results(run)) == ("cancelled by bob", [])


# ------------------------------------------------------------------------------------------------------ gone on with


def test_a_resume_waits_its_turn_and_goes_on(bench: Bench, crew: Crew) -> None:
    run = crew.submit(targets=BOTH)
    crew.begin_and_die(crew.register(), run)
    bench.qdash.get(RUNS).queue.sweep()
    bench.qdash.get(QUEUE).remove(ADMIN, run)
    stopped = bench.get_execution(run)
    session, said = bench.start_session(), list[str]()
    resumed = crew.call_in_thread(bench.qdash.get(RUNS).resume, ADMIN, run, waiting=said.append)
    wait_until(lambda: said, what="it waits")
    assert said[0].startswith(f"execution {run} waits for ")
    waits = bench.get_execution(run)
    assert waits.resume_request is not None
    assert waits.model_copy(update={"resume_request": None}) == stopped, "until its turn it is what it was"
    session.complete()
    ended = resumed.result(PATIENCE_S)
    assert (ended.status, ended.tasks, len(ended.attempts)) == ("completed", {"completed": 2}, 2)
    assert assert_queue_empty(bench)


def test_an_interrupt_while_a_resume_waits_leaves_it_as_it_was(make_crew: MakeCrew) -> None:
    bench, _ = make_crew(make_task(measure=make_raising(OSError("cable"))))
    failed = bench.qdash.get(RUNS).run(ADMIN, make_request())
    session = bench.start_session()
    with pytest.raises(KeyboardInterrupt):
        bench.qdash.get(RUNS).resume(ADMIN, failed.execution_id, waiting=make_raising(KeyboardInterrupt()))
    session.complete()
    assert bench.get_execution(failed.execution_id) == failed
    assert assert_queue_empty(bench)


def test_who_does_not_wait_is_refused_a_resume_while_the_chip_is_busy(make_crew: MakeCrew) -> None:
    bench, _ = make_crew(make_task(measure=make_raising(OSError("cable"))))
    failed = bench.qdash.get(RUNS).run(ADMIN, make_request())
    session = bench.start_session()
    with pytest.raises(LockedError, match="in use"):
        bench.qdash.get(RUNS).resume(ADMIN, failed.execution_id, wait=False)
    session.complete()
    assert bench.get_execution(failed.execution_id) == failed


@pytest.mark.parametrize("gone_on", ["rerun", "resume"])
def test_a_session_of_ones_own_cannot_be_asked_for_again(bench: Bench, gone_on: str) -> None:
    session = bench.start_session()
    execution_id = session.execution.execution_id
    session.fail("x")
    runs = bench.qdash.get(RUNS)
    with pytest.raises(InvalidInputError, match="was not begun by a runner: run its program again"):
        (runs.resume if gone_on == "resume" else runs.submissions.rerun)(ADMIN, execution_id)


def test_a_rerun_runs_only_what_failed_and_what_that_held_up(make_crew: MakeCrew) -> None:
    fixed: list[bool] = []
    first = make_task("CheckFirst", measure=make_failing_measurement("1", fixed))  # type: ignore[arg-type]
    second = make_task("CheckSecond", {}, needs=["t1"])
    bench, _ = make_crew(
        first,
        second,
        flows=[FlowTemplate("pair", "Two tasks.", (CustomOneQubit(["CheckFirst", "CheckSecond"]),))],
    )
    targets = TargetSelection(qubits=("0", "1", "2"))
    failed = bench.qdash.get(RUNS).run(ADMIN, make_request("pair", targets=targets))
    assert failed.tasks == {"completed": 4, "failed": 1, "skipped": 1}

    fixed.append(True)
    request = bench.qdash.get(RUNS).submissions.rerun(ADMIN, failed.execution_id)
    assert (request.since, request.targets) == (failed.execution_id, targets)
    again = bench.qdash.get(RUNS).run(ADMIN, request)
    assert again.execution_id != failed.execution_id
    assert [(one.name, one.qid) for one in bench.list_results(again.execution_id)] == [
        ("CheckFirst", "1"),
        ("CheckSecond", "1"),
    ]
    assert bench.get_execution(failed.execution_id) == failed


def test_a_rerun_of_a_rerun_does_not_repeat_what_either_completed(make_crew: MakeCrew) -> None:
    broken: list[bool] = []
    first = make_task("CheckFirst", measure=make_failing_measurement("1", broken))  # type: ignore[arg-type]
    bench, _ = make_crew(first)
    runs, targets = bench.qdash.get(RUNS), TargetSelection(qubits=("0", "1"))
    failed = runs.run(ADMIN, make_request("CheckFirst", targets=targets))
    again = runs.run(ADMIN, runs.submissions.rerun(ADMIN, failed.execution_id))
    assert again.tasks == {"failed": 1}
    broken.append(True)
    last = runs.run(ADMIN, runs.submissions.rerun(ADMIN, again.execution_id))
    assert [one.qid for one in bench.list_results(last.execution_id)] == ["1"]
    with pytest.raises(InvalidInputError, match=f"nothing failed in execution {last.execution_id}"):
        runs.run(ADMIN, runs.submissions.rerun(ADMIN, last.execution_id))


def test_a_rerun_is_of_the_same_chip(make_crew: MakeCrew) -> None:
    bench, _ = make_crew(make_task(measure=make_raising(OSError("cable"))))
    bench.add_chip("other")
    failed = bench.qdash.get(RUNS).run(ADMIN, make_request())
    with pytest.raises(InvalidInputError, match="is one of chip chip, not of other"):
        bench.qdash.get(RUNS).run(ADMIN, make_request(chip_id="other", since=failed.execution_id))


# ---------------------------------------------------------------------------------------------------------- single tasks


@pytest.mark.parametrize("saved", [True, False])
def test_a_single_task_saves_its_values_only_where_that_is_wanted(bench: Bench, saved: bool) -> None:
    ended = bench.qdash.get(RUNS).run(ADMIN, make_request(single="1", targets=TargetSelection(), saved=saved))
    (result,) = bench.list_results(ended.execution_id)
    assert (result.qid, result.status, ended.status) == ("1", "completed", "completed")
    assert result.output_parameters["t1"].value == 10.0
    assert bench.get_value("t1", "1") == (10.0 if saved else None)


def test_a_single_task_that_fails_says_so(make_crew: MakeCrew) -> None:
    bench, _ = make_crew(make_task(measure=make_raising(OSError("cable"))))
    ended = bench.qdash.get(RUNS).run(ADMIN, make_request(single="1", targets=TargetSelection()))
    assert (ended.status, ended.reason) == (ExecutionStatus.FAILED, EndReason.NOTHING_COMPLETED)


# -------------------------------------------------------------------------------------------------------------- performed


def test_what_stops_a_run_before_it_begins_is_recorded(make_crew: MakeCrew) -> None:
    bench, crew = make_crew(
        make_task(),
        backends=[
            make_backend(instrument=classmethod(lambda *_: "bench"), __init__=make_raising(OSError("cable")))
        ],
    )
    run = crew.submit()
    with pytest.raises(Exception, match="cable"):
        crew.perform(run)
    ended = bench.get_execution(run)
    assert (ended.status, ended.reason) == (ExecutionStatus.FAILED, EndReason.REFUSED)
    assert "cable" in ended.message


@pytest.mark.every_store
def test_a_run_whose_first_process_died_before_it_began_is_begun_by_the_next(
    bench: Bench, crew: Crew
) -> None:
    run, worker = crew.submit(), crew.register()
    assert crew.claim(worker, run)
    crew.kill(worker)
    bench.qdash.get(RUNS).queue.sweep()
    ended = bench.qdash.get(RUNS).perform(PROJECT, run, SilentProgress(), alone=False)
    assert (ended.execution_id, ended.status, len(ended.attempts)) == (run, ExecutionStatus.COMPLETED, 1)


def test_a_run_on_a_busy_chip_is_what_it_was(bench: Bench, crew: Crew) -> None:
    run, session = crew.submit(), bench.start_session()
    before = bench.get_execution(run)
    with pytest.raises(LockedError):
        crew.perform(run)
    session.complete()
    assert bench.get_execution(run) == before
    assert crew.perform(run).status is ExecutionStatus.COMPLETED


def test_what_was_interrupted_and_not_run_anew_is_listed(bench: Bench, crew: Crew) -> None:
    assert bench.qdash.get(EXECUTIONS).list_interrupted(ADMIN) == []
    for tag in "ab":
        run = crew.submit(tags=(tag,))
        crew.begin(run)
        assert [one.execution_id for one in bench.qdash.get(EXECUTIONS).list_interrupted(ADMIN)] == [run]
    bench.qdash.external_transitions.end_interrupted(PROJECT)
    assert [one.execution_id for one in bench.qdash.get(EXECUTIONS).list_interrupted(ADMIN)] == [run]


# ------------------------------------------------------------------------------------------------- runners that do not run


def test_what_a_runner_raises_is_recorded_with_what_it_did_not_begin(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        bench.qdash.get(RUNS), "perform_with_runner", make_raising(RuntimeError("the cluster is closed"))
    )
    with pytest.raises(
        FlowError, match="was not performed: the runner raised RuntimeError: the cluster is closed"
    ):
        bench.qdash.get(RUNS).run(ADMIN, make_request())
    (execution,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert (execution.status, execution.reason) == (ExecutionStatus.FAILED, EndReason.REFUSED)
    assert "the cluster is closed" in execution.message


def test_a_runner_that_returns_without_having_performed_anything_is_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.qdash.get(RUNS), "perform_with_runner", lambda *_: None)
    with pytest.raises(FlowError, match="the runner returned, and had performed nothing"):
        bench.qdash.get(RUNS).run(ADMIN, make_request())
    (execution,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert (execution.status, execution.reason) == (ExecutionStatus.FAILED, EndReason.REFUSED)
    assert bench.qdash.get(RUNS).queue.view.list_entries() == []
