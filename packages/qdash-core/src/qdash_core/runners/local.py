"""The local runner: a flow in a process of its own, on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from qdash_core.errors import ConflictError, FlowError
from qdash_core.interrupts import handled
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType
    from typing import Self

    from qdash_core.flows.job import FlowJob
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.progress import Progress
    from qdash_core.runtime import Runtime
    from qdash_core.settings import Settings

_LAST_WORDS = frozenset({"ended", "interrupted", "raised"})


class LocalRunner:
    """Runs each flow in a process of its own, which ends with the one that started it.

    Ctrl-C, SIGTERM and SIGHUP are passed on. A process that does not heed them is killed after `cancel_grace_s`, and its
    execution ended from here. Where another process could not see the same, because the store lies in memory or plugins
    were handed over by a program, the flow runs in this one.
    """

    name = "local"

    def __init__(self) -> None:
        self._ahead: FlowProcess | None = None

    @contextmanager
    def ahead(self, settings: Settings) -> Iterator[None]:
        """Start the process of the next `run` now: it reads its modules while the caller prepares what it will run."""
        with FlowProcess(settings) as process:
            self._ahead = process
            try:
                yield
            finally:
                self._ahead = None

    def run(self, qdash: Runtime, job: FlowJob, progress: Progress) -> ExecutionModel:
        """Run a job to its end, see `Runner`."""
        if not (qdash.store.shared and qdash.registry.found_anywhere):
            from qdash_core.runs.performing import perform

            return perform(qdash, job, progress)
        process, self._ahead = self._ahead, None
        if process is not None:
            return self._run_in(process, qdash, job, progress)
        with FlowProcess(qdash.settings) as process:
            return self._run_in(process, qdash, job, progress)

    @staticmethod
    def _run_in(process: FlowProcess, qdash: Runtime, job: FlowJob, progress: Progress) -> ExecutionModel:
        last = process.run(job, progress)
        if last is None:
            raise _bury(process, qdash, job)
        if last["what"] != "ended":
            from qdash_core.runners.messages import error_of

            raise error_of(last)
        execution, _ = qdash.executions.show(last["project_id"], last["execution_id"])
        return execution


class FlowProcess:
    """A process that waits for a job and runs it. A context manager: it has ended when the block is left.

    Parameters
    ----------
    settings : Settings
        Those of the run; where they differ from what the environment says, the process's environment is changed.
    """

    def __init__(self, settings: Settings) -> None:
        self._grace_s = settings.cancel_grace_s
        self._killing: threading.Timer | None = None
        self.told_to_end = False
        """Whether a signal was passed on to it."""
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "qdash_core.runners.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=_errors(),
            env=os.environ | _departures(settings),
            start_new_session=True,  # Ctrl-C is for this process alone, which passes it on
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(self._grace_s)
        except subprocess.TimeoutExpired:
            self._kill()
            process.wait()
        process.stdout.close()

    @property
    def how_it_ended(self) -> str:
        """In words, how the process ended."""
        status = self._process.wait()
        if status >= 0:
            return f"ended with status {status}"
        try:
            return f"was killed by {signal.Signals(-status).name}"
        except ValueError:
            return f"was killed by signal {-status}"

    def run(self, job: FlowJob, progress: Progress) -> dict[str, Any] | None:
        """Run a job, and return the last message of the process; None when it ended without a word."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        from qdash_core.runners.messages import relay

        last = None
        with _passed_on(self._tell_to_end):
            with suppress(OSError):  # it has ended already, which its output will tell
                self._process.stdin.write(json.dumps(job.as_json()).encode() + b"\n")
                self._process.stdin.flush()
            for line in self._process.stdout:
                message = _read(line)
                if message is None:
                    continue
                if message["what"] in _LAST_WORDS:
                    last = message
                    break
                relay(message, progress)
        if self._killing is not None:
            self._killing.cancel()
        return last

    def _tell_to_end(self) -> None:
        self.told_to_end = True
        # Not the signal that came: in a process that is just beginning, Python has its own answer to Ctrl-C.
        self._process.terminate()
        if self._killing is None:
            self._killing = threading.Timer(self._grace_s, self._kill)
            self._killing.daemon = True
            self._killing.start()

    def _kill(self) -> None:
        """Kill the process, and what it may have started."""
        if self._process.poll() is None:
            if hasattr(os, "killpg"):
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()


@contextmanager
def _passed_on(tell: Callable[[], None]) -> Iterator[None]:
    """Call `tell` for every signal that would end this process, for the length of a block."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return

    def handle(_number: int, _frame: FrameType | None) -> None:
        tell()

    with handled(handle):
        yield


def _read(line: bytes) -> dict[str, Any] | None:
    """Return a message; None for an empty line, and for one that an interrupt has cut."""
    try:
        message: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return message


def _errors() -> int | None:
    """Return where the process writes errors: where this one does, if that is a file."""
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return None


def _departures(settings: Settings) -> dict[str, str]:
    """Return the settings that another process would not find by itself, as environment variables."""
    usual, wanted = (one.model_dump(mode="json") for one in (load_settings(), settings))
    return {
        f"QDASH_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in wanted.items()
        if value != usual[name]
    }


def _bury(process: FlowProcess, qdash: Runtime, job: FlowJob) -> BaseException:
    """End the execution of a process that was killed, or died, without having done so itself; return what that means.

    Returns
    -------
    KeyboardInterrupt
        If it was told to end, by a signal or in the record.
    FlowError
        If it died.
    """
    how = f"the process that ran it {process.how_it_ended}"
    made = qdash.executions.find_by_flow_run_id(job.flow_run_id, job.project_id)
    if not made:
        return KeyboardInterrupt() if process.told_to_end else FlowError(f"nothing was begun: {how}")
    last = made[-1]
    if process.told_to_end or last.cancel_request is not None:
        # Whoever cancels it from elsewhere may be quicker.
        with suppress(ConflictError), qdash.delivery(last.project_id, last.chip_id):
            qdash.executions.cancel_from_outside(last.project_id, last.execution_id)
        return KeyboardInterrupt(f"execution {last.execution_id} is cancelled")
    with qdash.delivery(last.project_id, last.chip_id):
        qdash.executions.end_interrupted(last.project_id)
    return FlowError(
        f"execution {last.execution_id} broke off, {how}: "
        f"`qdash executions resume {last.execution_id}` goes on with it"
    )
