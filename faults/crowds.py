"""Concurrent processes: many runs, many execution ids, and many writers of one qubit."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from faults.commands import environment, wait_until
from faults.laboratory import PROJECT
from faults.record import examine
from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.repositories.chips import QubitCalibrationRepository

if TYPE_CHECKING:
    from random import Random

    from faults.laboratory import Laboratory, Place
    from faults.table import Findings

CROWD = 20
_LONG_S = 300.0
PROCESSES, _SESSIONS = 8, 25
UPDATES = 100
_RUN = ("calibrate", "bench", "--flow", "CheckResonatorSpectroscopy", "--qids", "0")


def start_together(place: Place, number: int, rng: Random) -> Findings:
    """Start many runs at once without waiting: one runs; the others report the one that runs, and how to look
    at it.
    """
    with place.laboratory(slow_s=_LONG_S) as laboratory, ExitStack() as stack:
        commands = [
            stack.enter_context(laboratory.start(*_RUN, "--no-wait", watched=True)) for _ in range(CROWD)
        ]
        wait_until(
            lambda: sum(command.running for command in commands) <= 1, what="the end of all runs but one"
        )
        refused = [command for command in commands if not command.running]
        running = [command for command in commands if command.running]
        statuses = [command.ended() for command in refused]
        wait_until(
            lambda: all(command.progress.execution_id for command in running), what="the one run that begins"
        )
        for command in running:
            command.signal(signal.SIGINT)
            command.ended()
        found = examine(laboratory)
        found.expect(len(running) == 1, f"{len(running)} of {CROWD} ran")
        found.expect(set(statuses) == {1}, f"the refused ended with {sorted(set(statuses))}, not with 1")
        for command in refused:
            # Between the lock and the record of its run, the message names no execution.
            holder = "execution " in command.err or "a run that is just beginning" in command.err
            reported = holder and "qdash " in command.err
            found.expect(reported, f"a refused run got an incomplete message: {command.err}")
        with laboratory.opened() as qdash:
            executions = qdash.get(EXECUTIONS).newest(qdash.access("admin"))
        found.expect(
            [one.status for one in executions if one.reason is not EndReason.REFUSED]
            == [ExecutionStatus.CANCELLED],
            f"{len(executions)} executions were started",
        )
        return found


def draw_numbers(place: Place, number: int, rng: Random) -> Findings:
    """Start and end sessions on several chips at once, each on its own instrument: ids are unique and without
    gaps.
    """
    with place.laboratory() as laboratory:
        chips = [f"chip{n}" for n in range(PROCESSES)]
        with laboratory.opened() as qdash:
            lattice = qdash.get(CHIPS).show(qdash.access("admin"), "rack").topology
            for chip in chips:
                qdash.get(CHIPS).create(qdash.access("admin"), chip, lattice, backend="faulty")
        drawn = _run_programs(laboratory, *(["run_sessions", chip, str(_SESSIONS)] for chip in chips))
        found = examine(laboratory)
        ids = [execution_id for own in drawn for execution_id in own]
        found.acknowledged = len(ids)
        found.expect(len(ids) == PROCESSES * _SESSIONS, f"{len(ids)} executions were started")
        found.expect(len(set(ids)) == len(ids), f"{len(ids) - len(set(ids))} ids were given twice")
        with laboratory.opened() as qdash:
            kept = {
                execution.execution_id for execution in qdash.get(EXECUTIONS).newest(qdash.access("admin"))
            }
        found.lost.extend(f"execution {execution_id} is not there" for execution_id in set(ids) - kept)
        return found


def write_to_one_qubit(place: Place, number: int, rng: Random) -> Findings:
    """Record results of a qubit, enter its values by hand in two processes and set its status, all at once."""
    rounds = str(UPDATES)
    with place.laboratory() as laboratory:
        measured, *others = _run_programs(
            laboratory,
            ["measure", rounds],
            ["enter_values", "one", rounds],
            ["enter_values", "two", rounds],
            ["set_statuses", rounds],
        )
        found = examine(laboratory)
        found.acknowledged += 4 * UPDATES
        for lost in others:
            found.lost.extend(f"{update} was overwritten" for update in lost)
        with laboratory.opened() as qdash:
            qubit = qdash.repositories.of(QubitCalibrationRepository).find(PROJECT, "rack", "0")
            entered, *_, today = qdash.repositories.of(QubitCalibrationRepository).list_days(
                PROJECT, "rack", "0"
            )
        assert qubit is not None
        data = qubit.data
        last = (data["one"].value, data["two"].value, data["level"].task_id)
        expected = (UPDATES - 1, UPDATES - 1, measured[-1])
        found.expect(last == expected, f"at last the qubit has {last}, not {expected}")
        # Each copy ends with its last write; values entered by hand go to the copy of a separate day.
        for day, names in ((entered, ("one", "two")), (today, ("level",))):
            other = [name for name in names if day.data[name] != data[name]]
            found.expect(
                not other, f"the copy of {day.recorded_date} has another {', '.join(other)} than the qubit"
            )
        return found


def _run_programs(laboratory: Laboratory, *arguments: list[str]) -> list[list[str]]:
    """Run `faults.concurrent_programs` in one process per argument list, and return the output of each, parsed from JSON."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "faults.concurrent_programs", *own],
            env=environment(**laboratory.environment),
            stdout=subprocess.PIPE,
            text=True,
        )
        for own in arguments
    ]
    outputs = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise RuntimeError(
            f"{arguments[0][0]} and others ended with {[process.returncode for process in processes]}"
        )
    return [json.loads(output) for output in outputs]
