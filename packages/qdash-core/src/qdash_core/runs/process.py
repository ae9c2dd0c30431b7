"""Main program of the process of an execution: `python -m qdash_core.runs.process`, started by `runners.process`."""

from __future__ import annotations

import gc
import json
import os
import signal
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_core.process.interrupts import (
    block_signals,
    raise_dropped,
    signal_main_thread,
    unblock_signals,
    was_dropped,
)
from qdash_core.process.process_start import (
    begin_process,
    collect_garbage_often,
    interrupt_on_termination,
)

if TYPE_CHECKING:
    from qdash_core.errors import QDashError
    from qdash_core.runs.messages import MessageSender

_ABANDONED = "interrupted: whoever started it has ended, or has let it go"
_READ_BYTES = 65_536


class _Starter:
    """Process that started this one, and the streams to and from it.

    Output of libraries goes to standard error, and their input is empty: the original streams carry only messages.
    """

    def __init__(self) -> None:
        self._from, self._to = os.dup(0), os.dup(1)
        self.left_alone = threading.Event()
        """Set when the end of the starter no longer matters."""
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)

    def wait_for_execution(self) -> bytes:
        """Return the line that names the execution once it comes, or empty text if the starter has ended before."""
        requested = b""
        while not requested.endswith(b"\n"):
            read = os.read(self._from, _READ_BYTES)
            if not read:
                return b""
            requested += read
        return requested

    def send_line(self, line: str) -> None:
        """Send a line. A starter that no longer reads is detected elsewhere."""
        # A line may have been cut by an interrupt: the next one begins anew.
        left = f"\n{line}\n".encode()
        with suppress(OSError):
            while left:
                left = left[os.write(self._to, left) :]

    def wait_for_end(self) -> None:
        """Return when the starter has ended or no longer needs the run."""
        while os.read(self._from, _READ_BYTES):
            pass


def main() -> None:
    """Perform the execution that the starter names."""
    block_signals()  # before the starter can be told of a signal, and after the run
    starter = _Starter()
    begin_process()
    interrupt_on_termination()
    from qdash_core.runs.messages import MessageSender

    reporting = MessageSender(starter.send_line)
    try:
        with unblock_signals():
            _perform(starter, reporting)
    except BaseException as error:  # noqa: BLE001  every error is for the starter
        starter.left_alone.set()
        # Code that an interrupt breaks may raise anything.
        broken = was_dropped() and not isinstance(error, KeyboardInterrupt)
        reporting.send_error(KeyboardInterrupt() if broken else error)
    gc.freeze()  # as in commands: the final search for garbage would take long, and a session has ended its instruments


def _perform(starter: _Starter, reporting: MessageSender) -> None:
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.runs.performance import perform
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.session.orchestrator import CalibOrchestrator  # noqa: F401  each run begins a session

    registry = load_plugins()
    registry.tasks()  # they take long to import: meanwhile the caller prepares
    collect_garbage_often()
    raise_dropped()  # a plugin that it broke is set aside as one that is broken
    requested = starter.wait_for_execution()
    if not requested:
        return
    wanted = json.loads(requested)
    reporting.tells_starts = bool(wanted.get("starts"))
    os.environ.update(wanted.get("environment", {}))

    def end_at_once(error: QDashError) -> None:
        starter.left_alone.set()
        reporting.send_error(error)
        os._exit(1)

    with Runtime.open(registry=registry) as runtime:
        threading.Thread(
            target=_end_with_starter, args=(starter, runtime.settings.cancel_grace_s), daemon=True
        ).start()
        execution = runtime.record.find(wanted["project_id"], wanted["execution_id"])
        ended = perform(runtime, execution, reporting, stuck=end_at_once, alone=True)
        starter.left_alone.set()
    reporting.send_end(ended.execution_id, ended.project_id)


def _end_with_starter(starter: _Starter, grace_s: float) -> None:
    """End this process when its starter ends: by a signal, and after a grace period at the latest."""
    from qdash_core.session.running_flow import get_current_flow

    starter.wait_for_end()
    if not starter.left_alone.is_set():
        get_current_flow().abandoned = _ABANDONED
        signal_main_thread(signal.SIGTERM)
    time.sleep(grace_s)
    os._exit(1)


if __name__ == "__main__":
    main()
