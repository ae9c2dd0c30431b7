"""Kills at random moments: of the process that measures, of the command that started it, and of both."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from faults.commands import Command, wait_until
from faults.record import examine
from faults.resumed_runs import FULL, FULL_NODES, NODES, RUN, SLOW_S, Life, go_on, next_command, undisturbed
from qdash_core.models.execution import ExecutionStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from faults.laboratory import Laboratory, Place
    from faults.table import Findings

_LATER = 1.05
"""Factor by which moments may exceed the usual duration of the run."""
_BY_THE_CLOCK = 0.5
"""Share of kills at a uniformly random time; the others follow a random result."""
_KILLED_AGAIN = 0.25
"""Share of runs that are killed again while they are resumed."""


def kill_anything(place: Place, number: int, rng: Random) -> Findings:
    """Kill a bring-up in each of the three ways in turn, and resume it."""
    return _killed_and_resumed(place, number, rng, RUN, NODES)


def kill_full(place: Place, number: int, rng: Random) -> Findings:
    """Kill and resume a full run on two qubits and their coupling."""
    return _killed_and_resumed(place, number, rng, FULL, FULL_NODES)


def _killed_and_resumed(place: Place, number: int, rng: Random, run: tuple[str, ...], nodes: int) -> Findings:
    kill = (Command.kill_others, Command.kill, Command.kill_everything)[number % 3]
    life = undisturbed(place, run, nodes=nodes)
    with place.laboratory(slow_s=SLOW_S) as laboratory:
        told = _killed(laboratory.start(*run, watched=True), kill, life, rng, nodes=nodes)
        again = next_command(laboratory, run)
        if again is not None and rng.random() < _KILLED_AGAIN:
            told += _killed(laboratory.start(*again, watched=True), kill, life, rng, nodes=nodes)
        return go_on(laboratory, told, run, nodes=nodes)


def kill_own_flow(place: Place, number: int, rng: Random) -> Findings:
    """Kill a user's own flow, and resume it by running it again with its execution id."""
    life = undisturbed(place)
    with place.laboratory(slow_s=SLOW_S) as laboratory:
        told = _killed(laboratory.start_own_flow(), Command.kill, life, rng)
        execution_id = _stopped(laboratory)
        again = laboratory.with_settings(QDASH_RESUME=execution_id) if execution_id else laboratory
        with again.start_own_flow() as command:
            status = command.ended()
            found = examine(laboratory, [*told, *command.told.results])
            found.expect(status == 0, f"the flow ended with {status} when it was run again: {command.err}")
            if (began_at := command.told.began_at) is not None:
                found.recovery_s.append(began_at - command.started_at)
        with laboratory.opened() as qdash:
            newest = qdash.executions.newest(qdash.access("admin"))[0]
        through = newest.tasks.keys() == {"completed"} and newest.tasks["completed"] >= NODES
        found.expect(through, f"the flow came to {newest.tasks}")
        return found


def _stopped(laboratory: Laboratory) -> str | None:
    """Return the interrupted execution, or None if there is none."""
    with laboratory.opened() as qdash:
        newest = qdash.executions.newest(qdash.access("admin"))
    stopped = [execution for execution in newest if execution.status is not ExecutionStatus.COMPLETED]
    return stopped[0].execution_id if stopped else None


def _killed(
    command: Command, kill: Callable[[Command], None], life: Life, rng: Random, *, nodes: int = NODES
) -> list[dict[str, object]]:
    """Kill the command at a random moment, and return the progress reported until then."""
    with command:
        if rng.random() < _BY_THE_CLOCK:
            time.sleep(rng.uniform(0, life.ended_s * _LATER))
        else:
            enough = rng.randrange(nodes)
            wait_until(
                lambda: len(command.told.results) >= enough or not command.running, what=f"{enough} results"
            )
            time.sleep(rng.uniform(0, SLOW_S))
        kill(command)
        command.ended()
        return command.told.results
