"""Supervisor of host, worker and dashboard: starts them in order, restarts crashed ones, ends them all."""

from __future__ import annotations

import http.client
import math
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.errors import FlowError
from qdash_core.process.interrupts import handle_ending_signals
from qdash_core.process.process_start import READY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

READY_S = 60.0
"""Time for the host to answer for the first time, and for the others to be ready, in seconds."""
END_S = 15.0
"""Time for all processes to end, in seconds; then they are killed."""
REFUSED = 2
"""Exit status of a command that refuses its settings or its port: a restart at once would fail the same way."""
SETTLED_S = 30.0
"""Uptime after which a process has evidently accepted its settings, in seconds."""
_POLL_S = 0.1
_ANSWER_S = 1.0


@dataclass
class Backoff:
    """Delays before restarts, each twice as long as the one before, up to the longest.

    After a process has run for `reset_s` the delays begin anew.
    """

    first_s: float = 1.0
    longest_s: float = 60.0
    reset_s: float = 60.0
    _next_s: float = field(default=0.0, init=False)

    def delay_s(self, ran_s: float) -> float:
        """Return the delay before the restart of a process that ran for some seconds, in seconds."""
        if ran_s >= self.reset_s or self._next_s == 0.0:
            self._next_s = self.first_s
        delay_s = min(self._next_s, self.longest_s)
        self._next_s = 2 * delay_s
        return delay_s


def make_qdash_command(*arguments: str) -> tuple[str, ...]:
    """Return the command line of a `qdash` command that ends with its parent process."""
    return (sys.executable, "-m", "qdash_api.server.parent_watchdog", *arguments)


@dataclass
class SupervisedProcess:
    """Child process that is restarted when it crashes.

    Parameters
    ----------
    answers : callable
        Returns whether it answers at its address.
    announces : bool
        Whether it calls `announce_ready` once it is at work.
    settled_s : float
        Time after which it has accepted its settings, in seconds.

    Attributes
    ----------
    has_settled
        True once it has accepted its settings since its last start: it is then restarted whatever its exit status.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    answers: Callable[[], bool] = lambda: True
    announces: bool = False
    backoff: Backoff = field(default_factory=Backoff)
    settled_s: float = SETTLED_S
    has_settled: bool = field(default=False, init=False)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _announcement: int | None = field(default=None, init=False)
    _started_at: float = field(default=0.0, init=False)
    _restart_at: float | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C in the terminal reaches only the supervisor."""
        self._close_pipes()
        environment = {**os.environ, **self.environment}
        with ExitStack() as inherited:
            passed = []
            if self.announces:
                self._announcement, number = os.pipe()
                os.set_blocking(self._announcement, False)
                inherited.callback(os.close, number)
                environment[READY_VARIABLE] = str(number)
                passed.append(number)
            self.process = subprocess.Popen(  # noqa: S603  our own commands
                self.command,
                stdin=subprocess.PIPE,
                env=environment,
                start_new_session=True,
                pass_fds=passed,
            )
        self._started_at, self._restart_at = time.monotonic(), None
        self.has_settled = False

    @property
    def is_running(self) -> bool:
        """True if it has been started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def check_ready(self) -> bool:
        """Return whether it is at work; to be called until it is."""
        if not self.is_running:
            return False
        if self._announcement is None:
            return self.answers()
        try:
            return os.read(self._announcement, 1) != b""
        except BlockingIOError:
            return False

    @property
    def uptime_s(self) -> float:
        """Time since its last start, in seconds."""
        return time.monotonic() - self._started_at

    def supervise(self, report: Callable[[str], None]) -> int | None:
        """Schedule a restart if it has ended, and restart it when its delay is over.

        Returns its exit status, once, when it has ended; each time if it `has_refused`; otherwise None.
        """
        if self._restart_at is not None:
            self._restart_when_due(report)
            return None
        if self.process is None or (status := self.process.poll()) is None:
            return None
        self.has_settled = self.has_settled or self.uptime_s >= self.settled_s
        if not self.has_refused:
            self._schedule_restart(describe_exit(status), self.uptime_s, report)
        return status

    @property
    def has_refused(self) -> bool:
        """True if it is known to have ended because it did not accept its settings or its port."""
        # Not `poll()`: an end that `supervise` has not seen was not yet compared with the time that settles.
        return self.process is not None and self.process.returncode == REFUSED and not self.has_settled

    def _restart_when_due(self, report: Callable[[str], None]) -> None:
        assert self._restart_at is not None
        if time.monotonic() < self._restart_at:
            return
        try:
            self.start()
        except OSError as error:  # no memory or no process is free at the moment
            self._schedule_restart(f"cannot be started ({error.strerror or error})", 0.0, report)

    def _schedule_restart(self, reason: str, ran_s: float, report: Callable[[str], None]) -> None:
        delay_s = self.backoff.delay_s(ran_s)
        self._restart_at = time.monotonic() + delay_s
        report(f"{self.name} {reason}; restart in {delay_s:g} s")

    def terminate(self) -> None:
        """Send SIGTERM, and cancel a restart."""
        self._restart_at = None
        if self.process is not None and self.is_running:
            self.process.terminate()

    def kill(self) -> None:
        """Kill it, if it still runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self._close_pipes()

    def _close_pipes(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
        if self._announcement is not None:
            os.close(self._announcement)
            self._announcement = None


def describe_exit(status: int) -> str:
    """Describe how a process ended: its exit status, or the name of the signal."""
    if status >= 0:
        return f"exited with status {status}"
    try:
        return f"was terminated by {signal.Signals(-status).name}"
    except ValueError:  # a real-time signal has no name
        return f"was terminated by signal {-status}"


class Supervisor:
    """Supervisor of the processes of `qdash up`, until a signal or until one of them refuses to start.

    The host is started before the others.
    """

    def __init__(
        self,
        host: SupervisedProcess,
        *,
        worker: SupervisedProcess | None,
        dashboard: SupervisedProcess | None,
        report: Callable[[str], None],
    ) -> None:
        self._host, self._report = host, report
        self._others = [process for process in (worker, dashboard) if process]
        # In the order of SIGTERM: clients first, so that they send nothing to a host that has ended.
        self._all = [process for process in (dashboard, host, worker) if process]
        # Not a threading.Event: the signal handler would deadlock on its lock if it interrupts a wait.
        self._stopped = False
        self._kills = False

    def run(self, started: Callable[[], None]) -> int:
        """Run all of them until SIGINT or SIGTERM, and return the exit status.

        `started` is called once all are ready: host and dashboard answer, and the worker waits for runs. Raises
        FlowError if the host does not answer in time after its first start.
        """
        with handle_ending_signals(self._stop):
            try:
                if (status := self._start()) is not None:
                    return status
                return self._supervise(started)
            finally:
                self._end()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._kills = self._stopped
        self._stopped = True

    def _start(self) -> int | None:
        """Start all processes, the host first; return its exit status if it exits before it answers."""
        self._host.start()
        while not self._stopped:
            answers = self._host.answers()
            status = self._host.supervise(self._report)
            if status is not None and status >= 0:
                return status or 1  # it has printed the reason; if the address answers, it is another host's
            if answers and self._host.is_running:
                self._host.has_settled = True
                break
            if self._host.is_running and self._host.uptime_s > READY_S:
                raise FlowError(f"the host did not start within {READY_S:g} s: see its messages above")
            time.sleep(_POLL_S)
        for process in self._others:
            if not self._stopped:
                process.start()
        return None

    def _supervise(self, started: Callable[[], None]) -> int:
        """Restart processes that end; return 0 after a signal, or `REFUSED` if one rejects its settings."""
        awaited, have_started = self._others, False
        deadline = time.monotonic() + READY_S
        while not self._stopped:
            for process in self._all:
                process.supervise(self._report)
                if process.has_refused:
                    self._report(f"{process.name} {describe_exit(REFUSED)}: see its messages above")
                    return REFUSED
            if not have_started:
                awaited = [process for process in awaited if not process.check_ready()]
                have_started = not awaited
                if have_started:
                    started()
                elif time.monotonic() > deadline:
                    names = " and ".join(process.name for process in awaited)
                    self._report(f"not ready after {READY_S:g} s: {names}; see the messages above")
                    deadline = math.inf
            time.sleep(_POLL_S)
        return 0

    def _end(self) -> None:
        for process in self._all:
            process.terminate()
        deadline = time.monotonic() + END_S
        while any(process.is_running for process in self._all):
            if self._kills or time.monotonic() > deadline:
                break
            time.sleep(_POLL_S)
        for process in self._all:
            process.kill()


def is_ready(address: tuple[str, int], path: str = "/ready") -> bool:
    """Return whether a server answers at an address and a path."""
    with (
        closing(http.client.HTTPConnection(*address, timeout=_ANSWER_S)) as connection,
        suppress(OSError, http.client.HTTPException),
    ):
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    return False
