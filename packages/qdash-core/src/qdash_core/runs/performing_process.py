"""Process that performs an execution, started, watched and stopped from here.

It reads one line of JSON from standard input, `{"project_id": .., "execution_id": .., "starts": true}` (and `environment`: further
variables), performs that execution, and reports its progress on its original standard output, one line of JSON each
(`runners.messages`). Standard input stays open as long as the run is wanted: when it closes, the run is recorded as interrupted.
SIGTERM cancels the run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from qdash_core.hooks.runners import ProcessDiedError
from qdash_core.process.interrupts import block_ctrl_c
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from qdash_core.hooks.runners import How, Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.settings import Settings

PERFORMING_MODULE = "qdash_core.runs.process"
"""Main module of the process that performs an execution.

The only place where a package names a higher one: `runs` performs executions, and imports `runners` for that. The two meet in a
new process, so the name is a string here, and no import.
"""
COMMAND = (sys.executable, "-P", "-m", PERFORMING_MODULE)
"""Command that starts the process."""

_LAST_LINES_S = 1.0
"""Seconds to wait for its last lines when it has ended: a process that it started may still hold the pipe."""
_LAST_WORDS = frozenset({"ended", "interrupted", "raised"})


class PerformingProcess:
    """Process that waits for an execution and performs it. A context manager, which ends the process.

    It imports its modules while the caller prepares the execution. The settings are passed on in the environment of
    the process. A process that does not react to a request to stop is killed after `cancel_grace_s`. `command` is
    `COMMAND`, or another program before it, as in `["nice", *COMMAND]`.
    """

    def __init__(self, settings: Settings, *, command: Sequence[str] = COMMAND) -> None:
        self._grace_s = settings.cancel_grace_s
        self._killing: threading.Timer | None = None
        self._asked = False
        with block_ctrl_c():
            self._process = subprocess.Popen(  # noqa: S603  a program of ours, or what a plugin puts before it
                [*command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=os.environ | make_environment(settings),
                start_new_session=True,  # Ctrl-C is for this process alone, which passes it on
            )
        self._passing_on = threading.Thread(target=self._copy_standard_error, name="qdash-said", daemon=True)
        self._passing_on.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        assert process.stdout is not None
        self._let_go()
        if not self._asked:
            self._kill()  # it holds nothing yet
        try:
            process.wait(self._grace_s)
        except subprocess.TimeoutExpired:
            self._kill()
            process.wait()
        process.stdout.close()
        self._passing_on.join(_LAST_LINES_S)

    def perform(
        self,
        execution: ExecutionModel,
        *,
        progress: Progress,
        stop: Stop,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Perform an execution in the process, to its end. Raises as `Runner.perform`.

        `environment` has further variables for the process, which were not known when it was started.
        """
        from qdash_core.runs.messages import restore_error

        self._asked = True
        stop.listen(self._end)
        last = self._listen(execution, progress, environment or {})
        if self._killing is not None:
            self._killing.cancel()
        if last is None:
            raise ProcessDiedError(f"the process that ran it {self._describe_end()}")
        if last["what"] != "ended":
            raise restore_error(last)

    def _listen(
        self, execution: ExecutionModel, progress: Progress, environment: Mapping[str, str]
    ) -> dict[str, Any] | None:
        """Send the ids of the execution, relay the returned messages, and return the last one, or None if
        there was none.
        """
        from qdash_core.models.progress import StartObserver
        from qdash_core.runs.messages import relay_message

        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wanted = {
            "project_id": execution.project_id,
            "execution_id": execution.execution_id,
            "starts": isinstance(progress, StartObserver),
            "environment": dict(environment),
        }
        with suppress(OSError, ValueError):  # it has ended already, as its output will show
            self._process.stdin.write(json.dumps(wanted).encode() + b"\n")
            self._process.stdin.flush()
        for line in self._process.stdout:
            message = _read(line)
            if message is not None and message["what"] in _LAST_WORDS:
                return message
            if message is not None:
                relay_message(message, progress)
        return None

    def _copy_standard_error(self) -> None:
        """Copy the standard error of the process to this one, line by line, so that lines do not mix."""
        assert self._process.stderr is not None
        with self._process.stderr as text:
            for line in text:
                with suppress(OSError, ValueError):  # nobody reads ours
                    sys.stderr.write(line.decode("utf-8", "replace"))
                    sys.stderr.flush()

    def _end(self, how: How) -> None:
        """End the run of the process, and kill the process if it does not end."""
        if how == "leave":
            self._let_go()
        else:
            # Not the signal that came: in a process that is just beginning, Python has its own answer to Ctrl-C.
            self._process.terminate()
        if self._killing is None:
            self._killing = threading.Timer(self._grace_s, self._kill)
            self._killing.daemon = True
            self._killing.start()

    def _let_go(self) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):
            self._process.stdin.close()

    def _kill(self) -> None:
        """Kill the process with its children."""
        if self._process.poll() is None:
            if hasattr(os, "killpg"):
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()

    def _describe_end(self) -> str:
        status = self._process.wait()
        if status >= 0:
            return f"ended with status {status}"
        try:
            return f"was killed by {signal.Signals(-status).name}"
        except ValueError:
            return f"was killed by signal {-status}"


def make_environment(settings: Settings) -> Mapping[str, str]:
    """Return the settings as environment variables, for a process of this machine that inherits none and runs in any folder.

    Settings with their default value are left out, except for the home, which is absolute.
    """
    usual, wanted = (one.model_dump(mode="json") for one in (load_settings(), settings))
    wanted["home"] = str(settings.home.absolute())
    fields = {
        "home",
        *settings.model_fields_set,
        *(name for name in wanted if wanted[name] != usual.get(name)),
    }
    return {
        f"QDASH_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in wanted.items()
        if name in fields and value is not None
    }


def _read(line: bytes) -> dict[str, Any] | None:
    """Return a message, or None for an empty line or a line cut by an interrupt."""
    try:
        message: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return message
