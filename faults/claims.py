"""Kills of runs that share an instrument, and of those that wait for parts of it, on two hosts."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager
from itertools import combinations
from typing import TYPE_CHECKING

from faults.commands import Command, wait_until
from faults.laboratory import PROJECT, SHARED
from faults.queues import expect_ended, resume_interrupted
from faults.record import examine
from faults.resumed_runs import SLOW_S
from qdash_builtin.runs.feature import RUNS
from qdash_core.errors import StoreError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.repositories.executions import ExecutionLockRepository, ExecutionRepository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from faults.laboratory import Laboratory, Place
    from faults.table import Findings

_TTL_S = 1.5
_LOOK_S = 0.02
_TASK = "CheckResonatorSpectroscopy"
_HOLDERS = (("bring-up", "--qids", "0"), ("bring-up", "--qids", "12"))
"""Runs on two multiplexers, which are performed at once."""
_WAITERS = ((_TASK, "--qids", "1"), (_TASK, "--mux", "0-3"), (_TASK, "--qids", "13"))
"""Runs that wait for the first holder, for both, and for the second holder and the run before."""


def kill_claims(place: Place, number: int, rng: Random) -> Findings:
    """Kill a holder or a waiter, alone or with its children; all others are performed, and no two locks overlap."""
    with place.laboratory(slow_s=SLOW_S) as laboratory, ExitStack() as stack:
        laboratory.does(
            "twin", "create", SHARED, "--device", "square-lattice-mux-16", "--fault", f"slow={SLOW_S:g}"
        )
        hosts = [
            laboratory.with_settings(FAULTS_HOST=name, QDASH_LEASE_TTL_S=str(_TTL_S))
            for name in ("here", "there")
        ]
        overlaps, at_once = stack.enter_context(_watch_locks(laboratory))
        commands = [_start(stack, hosts[at], *run) for at, run in enumerate(_HOLDERS)]
        wait_until(
            lambda: all(one.progress.began_at is not None or not one.running for one in commands),
            what="both runs begin",
        )
        wait_until(lambda: at_once, what=f"both runs at once: {[one.err for one in commands]}")
        commands += [_start(stack, hosts[at % 2], *run) for at, run in enumerate(_WAITERS)]
        time.sleep(rng.uniform(0, 4))
        killed = commands[number % len(commands)]
        (killed.kill_everything if rng.random() < 0.5 else killed.kill)()
        statuses = [command.ended() for command in commands if command is not killed]
        killed.ended()
        reported = [result for command in commands for result in command.progress.results]
        # As a worker does, which is what removes the mark of a dead waiter.
        with laboratory.opened() as qdash:
            qdash.get(RUNS).queue.sweep()
            time.sleep(_TTL_S)  # until then its death is unknown on other hosts
            qdash.get(RUNS).queue.sweep()
        reported += resume_interrupted(hosts[commands.index(killed) % 2])
        found = examine(laboratory, reported)
        found.expect(statuses == [0] * 4, f"those who were not killed ended with {statuses}")
        found.expect(not overlaps, f"locks overlap: {overlaps[:3]}")
        expect_ended(laboratory, found)
        return found


def _start(stack: ExitStack, host: Laboratory, flow: str, *targets: str) -> Command:
    return stack.enter_context(host.start("calibrate", SHARED, "--flow", flow, *targets, watched=True))


@contextmanager
def _watch_locks(laboratory: Laboratory) -> Iterator[tuple[list[str], list[str]]]:
    """Look at the locks during a block; yield the overlaps, and the pairs of running executions that were seen at once."""
    overlaps: list[str] = []
    at_once: list[str] = []
    ended = threading.Event()

    def look() -> None:
        with laboratory.opened() as qdash:
            while not ended.wait(_LOOK_S):
                try:
                    locks = qdash.repositories.of(ExecutionLockRepository).list_all()
                    running = qdash.repositories.of(ExecutionRepository).list_by_status(
                        PROJECT, ExecutionStatus.RUNNING
                    )
                except StoreError:
                    continue
                for one, other in combinations(locks, 2):
                    if one.claim.excludes(other.claim):
                        overlaps.append(f"{one.claim} and {other.claim}")
                if len(running) > 1 and len(locks) > 1:
                    at_once.append(" ".join(sorted(one.execution_id for one in running)))

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield overlaps, at_once
    finally:
        ended.set()
        watching.join()
