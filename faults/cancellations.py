"""Cancellation of a run by every interface, at random moments."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faults.commands import wait_until
from faults.host import HostRequests, free_port
from faults.laboratory import PROJECT
from faults.record import examine
from faults.resumed_runs import RUN
from qdash_builtin.people.feature import TOKENS
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import TaskStatus
from qdash_core.models.token import TokenScope
from qdash_core.repositories.queue import PresenceRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from faults.commands import Command
    from faults.laboratory import Laboratory, Place
    from faults.table import Findings
    from qdash_core.runtime.application import QDash

_SLOW_S = 0.3
_GRACE_S = "1"
_INTERRUPTED = 130
_LONG_S = "600"
_LONG_RUN = {"chip_id": "bench", "flow": "bring-up", "targets": {"qubits": ["0", "1", "2"]}}
_LONGEST_S, AROUND_S = 8.0, 1.5
"""Upper limits, in s: delay from submission to cancellation, and time between the kill of the worker and the
cancellation.
"""


@dataclass(frozen=True, slots=True)
class CancelMethod:
    """One way to cancel a run.

    Attributes
    ----------
    name : str
        Name in messages.
    cancel : callable
        Cancels the run, given the laboratory, the execution and the command that performs it.
    status : int
        Expected exit status of that command.
    """

    name: str
    cancel: Callable[[Laboratory, str, Command], None]
    status: int = _INTERRUPTED


def _send_signal(number: int) -> Callable[[Laboratory, str, Command], None]:
    return lambda _laboratory, _execution_id, command: command.signal(number)


def _cancel_by_command(laboratory: Laboratory, execution_id: str, _command: Command) -> None:
    laboratory.does("executions", "cancel", execution_id)


def _kill_and_cancel(laboratory: Laboratory, execution_id: str, command: Command) -> None:
    command.kill_everything()
    command.ended()
    laboratory.does("executions", "cancel", execution_id)


CANCEL_METHODS = (
    CancelMethod("Ctrl-C", _send_signal(signal.SIGINT)),
    CancelMethod("SIGTERM", _send_signal(signal.SIGTERM)),
    CancelMethod("executions cancel", _cancel_by_command),
    CancelMethod("kill -9, then executions cancel", _kill_and_cancel, status=-signal.SIGKILL),
)
HANGING_TASKS = ("Waits", "Sleeps", "IsDeaf", "HoldsEverything")


def cancel_while_measuring(place: Place, number: int, rng: Random) -> Findings:
    """Cancel a bring-up whose tasks can be stopped."""
    way = CANCEL_METHODS[number % len(CANCEL_METHODS)]
    with place.laboratory(slow_s=_SLOW_S) as laboratory, laboratory.start(*RUN, watched=True) as command:
        wait_until(lambda: command.progress.results or not command.running, what=f"a result: {command.err}")
        found = _cancel(laboratory, command, way)
        _, results = laboratory.only_execution()
        states = {result.status for result in results}
        both = states == {TaskStatus.COMPLETED, TaskStatus.CANCELLED}
        found.expect(both, f"{way.name}: the results are {', '.join(sorted(states))}")
        return found


def cancel_while_hanging(place: Place, number: int, rng: Random) -> Findings:
    """Cancel a task that waits, sleeps, or blocks in a library that ignores signals, with and without the GIL
    released.
    """
    way, task = (
        CANCEL_METHODS[number % len(CANCEL_METHODS)],
        HANGING_TASKS[(number + number // len(CANCEL_METHODS)) % len(HANGING_TASKS)],
    )
    with place.laboratory() as laboratory:
        reason_to = laboratory.home.parent / "misbehave"
        reason_to.touch()
        bad = laboratory.with_settings(
            FAULTS_MISBEHAVE=str(reason_to), FAULTS_TIMEOUT_S=_LONG_S, QDASH_CANCEL_GRACE_S=_GRACE_S
        )
        with bad.start(
            "calibrate", "rack", "--flow", f"then-{task}", "--qids", "1,0", watched=True
        ) as command:
            wait_until(
                lambda: _raw_data(laboratory, task) or not command.running, what=f"{task}: {command.err}"
            )
            found = _cancel(bad, command, way)
        _, results = laboratory.only_execution()
        (hung,) = [result for result in results if (result.name, result.qid) == (task, "0")]
        found.expect(hung.status is TaskStatus.CANCELLED, f"{way.name} of {task}: it is {hung.status}")
        found.expect(hung.raw_data_path, f"{way.name} of {task}: what it had measured is not kept")
        return found


def cancel_over_http(place: Place, number: int, rng: Random) -> Findings:
    """Cancel a run over HTTP at a random moment; in two of three cases kill its worker and all children
    around that time.
    """
    with place.laboratory(slow_s=_SLOW_S) as laboratory, ExitStack() as stack:
        qdash = stack.enter_context(laboratory.opened())
        secret, _ = qdash.get(TOKENS).create("admin", "faults", scope=TokenScope.WRITE)
        requests = HostRequests(free_port(), secret)
        host = stack.enter_context(laboratory.start("api", "--port", str(requests.port)))
        workers = [stack.enter_context(laboratory.start("worker")) for _ in range(2)]
        wait_until(requests.answers, what=f"a host answers: {host.err}")
        wait_until(lambda: len(qdash.get(RUNS).queue.view.list_workers()) == len(workers), what="two workers")
        run = requests.submit(_LONG_RUN)
        time.sleep(rng.uniform(0.0, _LONGEST_S))
        kill = WorkerKill(qdash, workers, run) if number % 3 else None
        acknowledged_at = cancel_around_kill(
            lambda: requests.cancel(run), kill, rng.uniform(-AROUND_S, AROUND_S)
        )
        if acknowledged_at is None:
            raise RuntimeError(f"{run} had ended before it was cancelled: {requests.wrong}")
        where = PROJECT, run
        wait_until(
            lambda: (
                qdash.record.find(*where).status.terminal and qdash.get(RUNS).queue.view.find(*where) is None
            ),
            what=f"{run} ends and leaves the queue",
        )
        seconds = time.monotonic() - acknowledged_at
        ended = qdash.record.find(*where)
        found = examine(laboratory)
        found.recovery_s.append(seconds)
        killed = "" if kill is None else f", killed {kill.killed or 'nobody'}"
        found.expect(
            ended.status is ExecutionStatus.CANCELLED,
            f"{run} is {ended.status} in {len(ended.attempts)} run attempts{killed}: {ended.message}",
        )
        return found


@dataclass
class WorkerKill:
    """Kill of a run's worker (SIGKILL), with all processes that it started.

    Attributes
    ----------
    killed : int
        Process id of the worker; 0 if no worker performed the run.
    """

    qdash: QDash
    workers: Sequence[Command]
    run: str
    killed: int = 0

    def __call__(self) -> None:
        """Kill the worker and its children."""
        entry = self.qdash.get(RUNS).queue.view.find(PROJECT, self.run)
        presence = entry and self.qdash.repositories.of(PresenceRepository).find(entry.performer)
        for worker in self.workers:
            if presence and worker.pid == presence.pid:
                worker.kill_everything()
                self.killed = worker.pid


def cancel_around_kill(
    cancel: Callable[[], bool], kill: Callable[[], None] | None, killed_after_s: float
) -> float | None:
    """Cancel a run and kill its worker before or after; return when the cancellation was acknowledged, or
    None if refused.
    """
    steps = [(0.0, cancel), *([] if kill is None else [(killed_after_s, kill)])]
    acknowledged_at, last_s = None, min(at for at, _ in steps)
    for at_s, step in sorted(steps, key=lambda one: one[0]):
        time.sleep(at_s - last_s)
        last_s = at_s
        if step() and step is cancel:
            acknowledged_at = time.monotonic()
    return acknowledged_at


def _raw_data(laboratory: Laboratory, task: str) -> bool:
    """Return whether a task that hangs on qubit 0 has kept its partial raw data."""
    with laboratory.opened() as qdash:
        return any(
            (result.name, result.qid) == (task, "0") and qdash.artifacts.exists(result.raw_data_file)
            for execution in qdash.get(EXECUTIONS).newest(qdash.access("admin"))
            for result in qdash.get(EXECUTIONS).show(qdash.access("admin"), execution.execution_id)[1]
        )


def _cancel(laboratory: Laboratory, command: Command, way: CancelMethod) -> Findings:
    execution_id = str(command.progress.execution_id)
    asked_at = time.time()
    way.cancel(laboratory, execution_id, command)
    status = command.ended()
    found = examine(laboratory, command.progress.results)
    execution, _ = laboratory.only_execution()
    found.expect(
        execution.status is ExecutionStatus.CANCELLED,
        f"{way.name}: {execution_id} is {execution.status}: {execution.message}",
    )
    found.expect(status == way.status, f"{way.name}: the command ended with {status}: {command.err}")
    if execution.end_at is not None:
        found.recovery_s.append(execution.end_at.timestamp() - asked_at)
    return found
