"""What the process of an execution does: `python -m qdash_core.runs.process`, started by `runners.process`."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_core.interrupts import break_in, hold_off, let_in, raise_dropped, was_dropped
from qdash_core.processes import begin_process

if TYPE_CHECKING:
    from qdash_core.errors import QDashError
    from qdash_core.runners.messages import Reporting

_ABANDONED = "interrupted: whoever started it has ended, or has let it go"
_AT_ONCE = 65_536


class _Starter:
    """Whoever started this process, as it is seen from here.

    What libraries print goes to standard error, and what they read is empty: the streams are for the two of us.
    """

    def __init__(self) -> None:
        self._from, self._to = os.dup(0), os.dup(1)
        self.left_alone = threading.Event()
        """Set when nothing is to be said any more."""
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)

    def asks(self) -> bytes:
        """Return what is to be performed, when it comes; nothing when there will be nothing."""
        asked = b""
        while not asked.endswith(b"\n"):
            read = os.read(self._from, _AT_ONCE)
            if not read:
                return b""
            asked += read
        return asked

    def say(self, line: str) -> None:
        """Send a line. That nobody reads it is noticed elsewhere."""
        # A line may have been cut by an interrupt: the next one begins anew.
        left = f"\n{line}\n".encode()
        with suppress(OSError):
            while left:
                left = left[os.write(self._to, left) :]

    def wait_for_its_end(self) -> None:
        """Return when whoever started this process has ended, or wants it no longer."""
        while os.read(self._from, _AT_ONCE):
            pass


def main() -> None:
    """Perform the execution that is asked for."""
    hold_off()  # until there is somebody to tell of a signal, and when there is nothing left that it could end
    starter = _Starter()
    begin_process()
    from qdash_core.runners.messages import Reporting

    reporting = Reporting(starter.say)
    try:
        with let_in():
            _perform(starter, reporting)
    except BaseException as error:  # noqa: BLE001  all of it is for whoever started us
        starter.left_alone.set()
        # What an interrupt breaks may raise anything.
        broken = was_dropped() and not isinstance(error, KeyboardInterrupt)
        reporting.raised(KeyboardInterrupt() if broken else error)


def _perform(starter: _Starter, reporting: Reporting) -> None:
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.runs.service import RunService
    from qdash_core.runtime import Runtime

    registry = load_plugins()
    registry.tasks()  # what takes long to import, while the caller prepares
    raise_dropped()  # a plugin that it broke is set aside as one that is broken
    asked = starter.asks()
    if not asked:
        return
    wanted = json.loads(asked)
    reporting.tells_starts = bool(wanted.get("starts"))
    os.environ.update(wanted.get("environment", {}))

    def end_at_once(error: QDashError) -> None:
        starter.left_alone.set()
        reporting.raised(error)
        os._exit(1)

    with Runtime.open(registry=registry) as runtime:
        threading.Thread(
            target=_end_with, args=(starter, runtime.settings.cancel_grace_s), daemon=True
        ).start()
        execution = RunService(runtime).perform(
            wanted["project_id"], wanted["execution_id"], reporting, stuck=end_at_once
        )
        starter.left_alone.set()
    reporting.ended(execution.execution_id, execution.project_id)


def _end_with(starter: _Starter, grace_s: float) -> None:
    """End this process when the one that started it ends: at once where it heeds that, else after a while."""
    from qdash_core.session.flow_run import current_flow_run

    starter.wait_for_its_end()
    if not starter.left_alone.is_set():
        current_flow_run().abandoned = _ABANDONED
        break_in(signal.SIGTERM)
    time.sleep(grace_s)
    os._exit(1)


if __name__ == "__main__":
    main()
