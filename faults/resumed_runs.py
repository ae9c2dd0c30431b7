"""Undisturbed and resumed bring-ups."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from faults.laboratory import QIDS
from faults.record import examine
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.models.execution import ExecutionStatus
from qdash_tasks.flows import BRING_UP, TWO_QUBIT_CALIBRATION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from faults.laboratory import Laboratory, Place
    from faults.table import Findings

SLOW_S = 0.02
"""Wall time of a measurement. The run takes as long as its process needs to start, so a random moment falls
in either.
"""
RUN = ("calibrate", "bench", "--flow", "bring-up", "--qids", ",".join(QIDS))
NODES = len(BRING_UP) * len(QIDS)
FULL = ("calibrate", "bench", "--flow", "full", "--qids", "1,2")
FULL_NODES = 2 * len(BRING_UP) + len(TWO_QUBIT_CALIBRATION)


@dataclass(frozen=True, slots=True)
class RunTimes:
    """Start and end of an undisturbed command, in s after its launch."""

    began_s: float
    ended_s: float


@cache
def measure_undisturbed_run(place: Place, run: tuple[str, ...] = RUN, *, nodes: int = NODES) -> RunTimes:
    """Perform an undisturbed run; raise RuntimeError unless every task completes."""
    with place.laboratory(slow_s=SLOW_S) as laboratory, laboratory.start(*run, watched=True) as command:
        status = command.ended()
        ended_s = time.time() - command.started_at
        reported = command.progress
        found = examine(laboratory, reported.results)
        if status or found.problems or len(reported.results) != nodes or reported.began_at is None:
            raise RuntimeError(f"an undisturbed run goes wrong: {command.err} {found.problems}")
        return RunTimes(reported.began_at - command.started_at, ended_s)


def resume_and_examine(
    laboratory: Laboratory,
    reported: Iterable[dict[str, object]],
    run: tuple[str, ...] = RUN,
    *,
    nodes: int = NODES,
) -> Findings:
    """Complete the newest execution, or start one if there is none; return the findings.

    Parameters
    ----------
    laboratory : Laboratory
        Laboratory of the interrupted run.
    reported : iterable of dict
        Results that the run reported.
    run : tuple of str
        The interrupted command.
    nodes : int
        Number of its tasks on all targets.
    """
    acknowledged = list(reported)
    recovery_s, wrong = [], []
    command_line = next_command(laboratory, run)
    if command_line is not None:
        with laboratory.start(*command_line, watched=True) as command:
            if status := command.ended():
                wrong.append(f"{' '.join(command_line)} ended with {status}: {command.err}")
            if (began_at := command.progress.began_at) is not None:
                recovery_s.append(began_at - command.started_at)
            acknowledged += command.progress.results
    found = examine(laboratory, acknowledged)
    found.recovery_s += recovery_s
    found.other += wrong
    with laboratory.opened() as qdash:
        executions = qdash.get(EXECUTIONS).newest(qdash.access("admin"))
    found.expect(len(executions) == 1, f"there are {len(executions)} executions, and should be one")
    for execution in executions[:1]:
        found.expect(
            execution.status is ExecutionStatus.COMPLETED and execution.tasks == {"completed": nodes},
            f"{execution.execution_id} is {execution.status} with {execution.tasks}, not completed with {nodes} tasks",
        )
    return found


def next_command(laboratory: Laboratory, run: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the command that completes an interrupted run (the same command or a resume), or None if it has
    ended.
    """
    with laboratory.opened() as qdash:
        newest = qdash.get(EXECUTIONS).newest(qdash.access("admin"))
    if not newest:
        return run
    if newest[0].status is ExecutionStatus.COMPLETED:
        return None
    return ("executions", "resume", newest[0].execution_id)
