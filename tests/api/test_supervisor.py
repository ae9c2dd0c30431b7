"""`qdash up`: crashed processes are restarted with growing delays; one that refuses to start ends all."""

from __future__ import annotations

import errno
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import psutil
import pytest

from qdash_api.server import supervisor
from qdash_api.server.supervisor import Backoff, SupervisedProcess, Supervisor, describe_exit
from qdash_core.errors import FlowError
from qdash_core.process.process_start import READY_VARIABLE

from ..case_tables import each_case

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S = 60.0
LIVES = "import sys; sys.stdin.read()"
"""A process that ends with its standard input, like those of `qdash up`."""
Check = Callable[[], bool]


def test_delays_double_up_to_the_longest() -> None:
    backoff = Backoff(first_s=1, longest_s=60, reset_s=60)
    assert [backoff.delay_s(ran_s=0.5) for _ in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_delays_begin_anew_after_a_process_ran_well() -> None:
    backoff = Backoff(first_s=1, longest_s=60, reset_s=60)
    assert [backoff.delay_s(ran_s) for ran_s in (59, 59, 60, 59, 1000)] == [1, 2, 1, 2, 1]


@each_case(
    ("status", "said"),
    [
        (0, "exited with status 0"),
        (1, "exited with status 1"),
        (-11, "was terminated by SIGSEGV"),
        (-40, "signal 40"),
    ],
)
def test_an_exit_is_described_by_status_or_signal(status: int, said: str) -> None:
    assert said in describe_exit(status)


class Up:
    """A supervisor of small processes; it checks `until` in each of its polls."""

    def __init__(
        self,
        *,
        host: str = LIVES,
        worker: str | None = LIVES,
        delay_s: float = 0.01,
        settled_s: float = PATIENCE_S,
        is_ready: Check = lambda: True,
        announces: bool = False,
    ) -> None:
        self.lines: list[str] = []
        self.has_started = False

        def process(
            name: str, code: str, answers: Check = lambda: True, *, announces: bool = False
        ) -> SupervisedProcess:
            return SupervisedProcess(
                name,
                (sys.executable, "-S", "-c", code),
                answers=answers,
                announces=announces,
                backoff=Backoff(first_s=delay_s, reset_s=PATIENCE_S),
                settled_s=settled_s,
            )

        self.host = process("the host", host, is_ready)
        self.worker = process("the worker", worker, announces=announces) if worker else None
        self._supervisor = Supervisor(self.host, worker=self.worker, dashboard=None, report=self.lines.append)

    def run(self, *, until: Check, then: signal.Signals = signal.SIGTERM) -> int:
        """Run until a condition holds, end by a signal to this process, and return the exit status."""
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(until, then, over))
        watch.start()
        try:
            return self._supervisor.run(self._started)
        finally:
            over.set()
            watch.join()

    def _started(self) -> None:
        self.has_started = True

    def _watch(self, until: Check, then: signal.Signals, over: threading.Event) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not over.wait(0.01):
            if until() or time.monotonic() > deadline:
                signal.pthread_kill(threading.main_thread().ident or 0, then)
                return


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_POLL_S", 0.01)


def get_pid(process: SupervisedProcess | None) -> int:
    assert process is not None
    return 0 if process.process is None else process.process.pid


@each_case("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGTERM])
def test_a_host_terminated_by_a_signal_is_restarted_and_the_worker_continues(number: signal.Signals) -> None:
    up = Up()
    seen: dict[str, int] = {}

    def restarted() -> bool:
        if not seen:
            if up.has_started and get_pid(up.worker):
                seen.update(host=get_pid(up.host), worker=get_pid(up.worker))
                psutil.Process(get_pid(up.host)).send_signal(number)
            return False
        return get_pid(up.host) != seen["host"]

    assert up.run(until=restarted) == 0
    assert up.lines == [f"the host was terminated by {number.name}; restart in 0.01 s"]
    assert get_pid(up.worker) == seen["worker"]
    assert not psutil.pid_exists(seen["host"])


def test_a_worker_that_always_crashes_is_restarted_with_growing_delays() -> None:
    up = Up(worker="import os, signal; os.kill(os.getpid(), signal.SIGABRT)")
    assert up.run(until=lambda: len(up.lines) == 5) == 0
    assert up.lines == [
        f"the worker was terminated by SIGABRT; restart in {delay_s} s"
        for delay_s in ("0.01", "0.02", "0.04", "0.08", "0.16")
    ]


def test_a_host_that_crashes_before_it_responds_is_restarted(tmp_path: Path) -> None:
    crashed = tmp_path / "crashed"
    up = Up(
        host=f"import os, pathlib, signal\nmark = pathlib.Path({str(crashed)!r})\n"
        f"if not mark.exists(): mark.touch(); os.kill(os.getpid(), signal.SIGSEGV)\n{LIVES}",
        worker=None,
        is_ready=crashed.exists,
    )
    assert up.run(until=lambda: up.has_started and bool(up.lines)) == 0
    assert up.lines == ["the host was terminated by SIGSEGV; restart in 0.01 s"]


@each_case(("status", "exits_with"), [(2, 2), (1, 1), (0, 1)])
def test_a_host_that_exits_before_it_responds_ends_all_processes(status: int, exits_with: int) -> None:
    up = Up(host=f"raise SystemExit({status})", is_ready=lambda: False)
    assert up.run(until=lambda: False) == exits_with
    assert not up.has_started


@each_case("status", [0, 1, 130])
def test_a_worker_that_exits_with_a_status_is_restarted(status: int) -> None:
    up = Up(worker=f"raise SystemExit({status})")
    assert up.run(until=lambda: bool(up.lines)) == 0
    assert up.lines[0] == f"the worker exited with status {status}; restart in 0.01 s"


def test_a_failed_restart_is_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    up = Up(worker="raise SystemExit(1)")

    def refuse_restart(self: SupervisedProcess) -> None:
        if self is up.worker and up.lines:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        start(self)

    start = SupervisedProcess.start
    monkeypatch.setattr(SupervisedProcess, "start", refuse_restart)
    assert up.run(until=lambda: len(up.lines) >= 3) == 0
    reason = "cannot be started (Resource temporarily unavailable)"
    assert up.lines[1:3] == [f"the worker {reason}; restart in {s} s" for s in ("0.02", "0.04")]


def test_a_worker_that_refuses_its_settings_ends_all_processes() -> None:
    up = Up(worker="raise SystemExit(2)")
    assert up.run(until=lambda: False) == 2
    assert up.lines == ["the worker exited with status 2: see its messages above"]
    assert not up.host.is_running


def test_a_worker_that_exits_with_status_2_long_after_its_start_is_restarted() -> None:
    up = Up(worker="raise SystemExit(2)", settled_s=0.0)
    assert up.run(until=lambda: len(up.lines) == 2) == 0
    assert up.lines[:2] == [
        f"the worker exited with status 2; restart in {delay_s} s" for delay_s in ("0.01", "0.02")
    ]


def test_a_host_that_exits_with_status_2_after_it_has_responded_is_restarted(tmp_path: Path) -> None:
    mark = tmp_path / "answers"
    up = Up(
        host=f"import pathlib, time\npathlib.Path({str(mark)!r}).touch()\ntime.sleep(0.3)\nraise SystemExit(2)",
        worker=None,
        is_ready=mark.exists,
    )
    assert up.run(until=lambda: bool(up.lines)) == 0
    assert up.lines[0] == "the host exited with status 2; restart in 0.01 s"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_a_delay_ends_all_processes_at_once(number: signal.Signals) -> None:
    up = Up(worker="raise SystemExit(1)", delay_s=PATIENCE_S)
    began = time.monotonic()
    assert up.run(until=lambda: bool(up.lines), then=number) == 0
    assert time.monotonic() - began < PATIENCE_S / 2
    assert not up.host.is_running


@pytest.mark.parametrize("crashes", [False, True])
def test_all_have_started_once_the_worker_has_announced_itself(tmp_path: Path, crashes: bool) -> None:
    begin, crashed = tmp_path / "begin", tmp_path / "crashed"
    crash = f"if {crashes} and not crashed.exists(): crashed.touch(); raise SystemExit(1)\n"
    up = Up(
        worker=f"import os, pathlib, time\nbegin, crashed = map(pathlib.Path, {[str(begin), str(crashed)]!r})\n{crash}"
        "while not begin.exists(): time.sleep(0.01)\n"
        f"os.write(int(os.environ[{READY_VARIABLE!r}]), b'.')\n{LIVES}",
        announces=True,
    )
    early: list[bool] = []

    def announced() -> bool:
        if not early and up.worker is not None and up.worker.is_running and len(up.lines) == crashes:
            early.append(up.has_started)
            begin.touch()
        return up.has_started

    assert up.run(until=announced) == 0
    assert (early, up.has_started) == ([False], True)


def test_processes_that_do_not_become_ready_are_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "READY_S", 0.2)
    up = Up(announces=True)
    end = time.monotonic() + 0.6
    assert up.run(until=lambda: time.monotonic() > end) == 0
    assert (up.lines, up.has_started) == (
        ["not ready after 0.2 s: the worker; see the messages above"],
        False,
    )


def test_a_host_that_never_responds_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "READY_S", 0.05)
    up = Up(is_ready=lambda: False)
    with pytest.raises(FlowError, match="did not start"):
        up.run(until=lambda: False)
    assert not up.host.is_running
