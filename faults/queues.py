"""Kills around the queue: of workers and their children, and of commands that wait in the queue."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from faults.commands import Command, wait_until
from faults.laboratory import PROJECT
from faults.record import examine
from faults.resumed_runs import NODES, RUN, SLOW_S, RunTimes, measure_undisturbed_run
from qdash_builtin.runs.feature import EXECUTIONS, QUEUE, RUNS
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.repositories.queue import PresenceRepository

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from faults.laboratory import Laboratory, Place
    from faults.table import Findings

NEXT = ("calibrate", "bench", "--flow", "CheckResonatorSpectroscopy", "--qids", "2")
"""A run that is queued behind another one."""
WAITING = 3
"""Number of commands that wait for one chip."""
_SECOND_KILL_SHARE = 0.25
"""Share of workers whose successor is killed as well: then the run is held, and released by hand."""


def kill_worker(place: Place, number: int, rng: Random) -> Findings:
    """Kill a worker, the processes of its runs, or both; another worker continues."""
    kill = (Command.kill, Command.kill_others, Command.kill_everything)[number % 3]
    times_of_run = measure_undisturbed_run(place)
    with place.laboratory(slow_s=SLOW_S) as laboratory, ExitStack() as stack:
        submitted = [laboratory.does(*run, "--detach").strip() for run in (RUN, NEXT)]
        followers = [
            stack.enter_context(laboratory.start("executions", "follow", one, watched=True))
            for one in submitted
        ]
        for _ in range(1 + (rng.random() < _SECOND_KILL_SHARE)):
            worker = stack.enter_context(laboratory.start("worker"))
            _wait_for_random_moment(followers[0], times_of_run, rng)
            kill(worker)
            if kill is not Command.kill_others:
                worker.ended()
        killed_at = time.time()
        if not worker.running:
            worker = stack.enter_context(laboratory.start("worker"))
        released = _wait_until_all_performed(laboratory)
        worker.signal(signal.SIGTERM)
        status = worker.ended()
        statuses = [follower.ended() for follower in followers]
        found = examine(laboratory, [result for one in followers for result in one.progress.results])
        found.expect(status == 0, f"the worker ended with {status}: {worker.err}")
        # A follower of a held run is told that it is held, and that it has failed.
        found.expect(
            statuses in ([0, 0], [released, 0]),
            f"those who followed ended with {statuses}: {followers[0].err}",
        )
        found.recovery_s += _start_delays(followers[:1], killed_at)
        _expect_completed(laboratory, found, dict(zip(submitted, (NODES, 1), strict=True)))
        return found


def kill_waiting(place: Place, number: int, rng: Random) -> Findings:
    """Kill a command that runs, or one that waits; the others continue by themselves."""
    times_of_run = measure_undisturbed_run(place)
    with place.laboratory(slow_s=SLOW_S) as laboratory, ExitStack() as stack:
        commands = [stack.enter_context(laboratory.start(*RUN, watched=True))]
        wait_until(lambda: commands[0].progress.began_at is not None, what="the first run begins")
        commands += [stack.enter_context(laboratory.start(*NEXT, watched=True)) for _ in range(WAITING)]
        _wait_for_random_moment(commands[0], times_of_run, rng)
        killed = commands[0 if number % 2 else rng.randrange(1, WAITING + 1)]
        killed_at = time.time()
        (killed.kill_everything if rng.random() < 0.5 else killed.kill)()
        statuses = [command.ended() for command in commands if command is not killed]
        killed.ended()
        reported = [result for command in commands for result in command.progress.results]
        with laboratory.opened() as qdash:
            qdash.get(
                RUNS
            ).queue.sweep()  # the last process may have been killed, without another one to notice
        reported += resume_interrupted(laboratory)
        found = examine(laboratory, reported)
        found.expect(statuses == [0] * WAITING, f"those who were not killed ended with {statuses}")
        if killed is commands[0]:
            found.recovery_s += _start_delays(commands[1:], killed_at)
        expect_ended(laboratory, found)
        return found


def _wait_for_random_moment(command: Command, times_of_run: RunTimes, rng: Random) -> None:
    """Wait until a random moment: any time in the life of a run, or shortly after a random result."""
    if rng.random() < 0.5:
        time.sleep(rng.uniform(0, times_of_run.ended_s))
        return
    enough = rng.randrange(NODES)
    wait_until(
        lambda: len(command.progress.results) >= enough or not command.running, what=f"{enough} results"
    )
    time.sleep(rng.uniform(0, SLOW_S))


def _wait_until_all_performed(laboratory: Laboratory) -> bool:
    """Wait until the queue is empty, and release runs held after two dead workers; return whether any was
    held.
    """
    released = False
    with laboratory.opened() as qdash:

        def empty() -> bool:
            nonlocal released
            entries = qdash.get(QUEUE).list_entries(qdash.access("admin"))
            for one in entries:
                if one.state == "held":
                    qdash.get(QUEUE).release(qdash.access("admin"), one.entry.execution_id)
                    released = True
            return not entries

        wait_until(empty, what="the queue is empty")
    return released


def resume_interrupted(laboratory: Laboratory) -> list[dict[str, Any]]:
    """Resume the killed run, and return the reported progress."""
    with laboratory.opened() as qdash:
        qdash.external_transitions.end_interrupted(PROJECT)
        left = [
            one.execution_id
            for one in qdash.get(EXECUTIONS).newest(qdash.access("admin"))
            if one.reason is EndReason.INTERRUPTED
        ]
    reported = []
    for execution_id in left:
        with laboratory.start("executions", "resume", execution_id, watched=True) as command:
            if status := command.ended():
                raise RuntimeError(f"the resume ended with {status}: {command.err}")
            reported += command.progress.results
    return reported


def _start_delays(commands: Sequence[Command], moment: float) -> list[float]:
    """Return the delay until the next of these runs starts after a moment; empty if none does."""
    moments = [float(line["at"]) for one in commands for line in one.progress.lines if "began" in line]
    return [min(at for at in moments if at > moment) - moment] if max(moments, default=0.0) > moment else []


def _expect_completed(laboratory: Laboratory, found: Findings, tasks: dict[str, int]) -> None:
    with laboratory.opened() as qdash:
        executions = {one.execution_id: one for one in qdash.get(EXECUTIONS).newest(qdash.access("admin"))}
    found.expect(executions.keys() == tasks.keys(), f"there are the executions {', '.join(executions)}")
    for execution_id, number in tasks.items():
        one = executions[execution_id]
        found.expect(
            one.status is ExecutionStatus.COMPLETED and one.tasks == {"completed": number},
            f"{execution_id} is {one.status} with {one.tasks}, not completed with {number} tasks",
        )


def expect_ended(laboratory: Laboratory, found: Findings) -> None:
    """Expect that all runs have completed, except that the killed one may be cancelled."""
    with laboratory.opened() as qdash:
        left = qdash.get(QUEUE).list_entries(qdash.access("admin"))
        present = qdash.repositories.of(PresenceRepository).list_all()
        executions = qdash.get(EXECUTIONS).newest(qdash.access("admin"))
    found.expect(not left, f"{len(left)} runs are still in the queue")
    found.expect(not present, f"{len(present)} processes are said to be there")
    others = [one for one in executions if one.status is not ExecutionStatus.COMPLETED]
    found.expect(len(others) <= 1, f"{len(others)} runs have not completed")
    for one in others:
        found.expect(
            one.message == "the command that waited for it ended before its turn",
            f"{one.execution_id} is {one.status}: {one.message}",
        )
