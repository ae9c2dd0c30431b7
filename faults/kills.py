"""Kills at random moments: of the process that measures, of the command that started it, and of both."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from faults.commands import Command, wait_until
from faults.record import examine
from faults.resumed_runs import (
    FULL,
    FULL_NODES,
    NODES,
    RUN,
    SLOW_S,
    RunTimes,
    measure_undisturbed_run,
    next_command,
    resume_and_examine,
)
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.models.execution import ExecutionStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from faults.laboratory import Laboratory, Place
    from faults.table import Findings

_LATENESS = 1.05
"""Factor by which moments may exceed the usual duration of the run."""
_TIMED_SHARE = 0.5
"""Share of kills at a uniformly random time; the others follow a random result."""
_SECOND_KILL_SHARE = 0.25
"""Share of runs that are killed again while they are resumed."""


def kill_run(place: Place, number: int, rng: Random) -> Findings:
    """Kill a bring-up in each of the three ways in turn, and resume it."""
    return _kill_and_resume(place, number, rng, RUN, NODES)


def kill_full(place: Place, number: int, rng: Random) -> Findings:
    """Kill and resume a full run on two qubits and their coupling."""
    return _kill_and_resume(place, number, rng, FULL, FULL_NODES)


def _kill_and_resume(place: Place, number: int, rng: Random, run: tuple[str, ...], nodes: int) -> Findings:
    kill = (Command.kill_others, Command.kill, Command.kill_everything)[number % 3]
    times_of_run = measure_undisturbed_run(place, run, nodes=nodes)
    with place.laboratory(slow_s=SLOW_S) as laboratory:
        reported = _kill_at_random(laboratory.start(*run, watched=True), kill, times_of_run, rng, nodes=nodes)
        again = next_command(laboratory, run)
        if again is not None and rng.random() < _SECOND_KILL_SHARE:
            reported += _kill_at_random(
                laboratory.start(*again, watched=True), kill, times_of_run, rng, nodes=nodes
            )
        return resume_and_examine(laboratory, reported, run, nodes=nodes)


def kill_own_flow(place: Place, number: int, rng: Random) -> Findings:
    """Kill a user's own flow, and resume it by running it again with its execution id."""
    times_of_run = measure_undisturbed_run(place)
    with place.laboratory(slow_s=SLOW_S) as laboratory:
        reported = _kill_at_random(laboratory.start_own_flow(), Command.kill, times_of_run, rng)
        execution_id = _interrupted_execution(laboratory)
        again = laboratory.with_settings(QDASH_RESUME=execution_id) if execution_id else laboratory
        with again.start_own_flow() as command:
            status = command.ended()
            found = examine(laboratory, [*reported, *command.progress.results])
            found.expect(status == 0, f"the flow ended with {status} when it was run again: {command.err}")
            if (began_at := command.progress.began_at) is not None:
                found.recovery_s.append(began_at - command.started_at)
        with laboratory.opened() as qdash:
            newest = qdash.get(EXECUTIONS).newest(qdash.access("admin"))[0]
        through = newest.tasks.keys() == {"completed"} and newest.tasks["completed"] >= NODES
        found.expect(through, f"the flow came to {newest.tasks}")
        return found


def _interrupted_execution(laboratory: Laboratory) -> str | None:
    """Return the interrupted execution, or None if there is none."""
    with laboratory.opened() as qdash:
        newest = qdash.get(EXECUTIONS).newest(qdash.access("admin"))
    stopped = [execution for execution in newest if execution.status is not ExecutionStatus.COMPLETED]
    return stopped[0].execution_id if stopped else None


def _kill_at_random(
    command: Command,
    kill: Callable[[Command], None],
    times_of_run: RunTimes,
    rng: Random,
    *,
    nodes: int = NODES,
) -> list[dict[str, object]]:
    """Kill the command at a random moment, and return the progress reported until then."""
    with command:
        if rng.random() < _TIMED_SHARE:
            time.sleep(rng.uniform(0, times_of_run.ended_s * _LATENESS))
        else:
            enough = rng.randrange(nodes)
            wait_until(
                lambda: len(command.progress.results) >= enough or not command.running,
                what=f"{enough} results",
            )
            time.sleep(rng.uniform(0, SLOW_S))
        kill(command)
        command.ended()
        return command.progress.results
