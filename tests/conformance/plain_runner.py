"""Runner that follows the documented protocol of the process of a run without `PerformingProcess`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import qdash_core
from qdash_core import ProcessDiedError, TaskResultModel, make_environment, notify_observer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.hooks.runners import How, Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.settings import Settings


class PlainRunner:
    """Runner that starts a process and reads its messages."""

    name = "plain"

    def perform(
        self, execution: ExecutionModel, *, settings: Settings, progress: Progress, stop: Stop
    ) -> None:
        """Perform an execution."""
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "qdash_core.runs.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **make_environment(settings)},
            start_new_session=True,  # Ctrl-C is for the command alone, which asks `stop`
        )
        assert process.stdin is not None
        assert process.stdout is not None
        stdin = process.stdin
        killing = threading.Timer(settings.cancel_grace_s, process.kill)

        def end(how: How) -> None:
            if how == "cancel":
                process.terminate()
            else:
                stdin.close()
            with suppress(RuntimeError):  # it was started the first time
                killing.start()

        wanted = {"project_id": execution.project_id, "execution_id": execution.execution_id}
        try:
            with suppress(OSError):  # it has ended already, as its status shows
                stdin.write(json.dumps(wanted).encode() + b"\n")
                stdin.flush()
            stop.listen(end)
            last = _relay(process.stdout, progress)
        finally:
            end("leave")
            status = process.wait()
            killing.cancel()
            process.stdout.close()
        _raise_error(last, status)


def _relay(lines: Iterable[bytes], progress: Progress) -> Mapping[str, Any] | None:
    """Relay the messages of the process; return its final one, or None if it sent none."""
    for line in lines:
        try:
            message: Mapping[str, Any] = json.loads(line)
        except ValueError:
            continue
        match message["what"]:
            case "began":
                notify_observer(progress.began, message["execution_id"])
            case "planned":
                notify_observer(progress.planned, message["tasks"], message["groups"])
            case "finished":
                notify_observer(progress.finished, TaskResultModel.model_validate(message["result"]))
            case "ended" | "interrupted" | "raised":
                return message
    return None


def _raise_error(last: Mapping[str, Any] | None, status: int) -> None:
    match last:
        case None:
            raise ProcessDiedError(f"its process ended with status {status}")
        case {"what": "interrupted", "message": message}:
            raise KeyboardInterrupt(message)
        case {"what": "raised", "error": error, "message": message}:
            raise getattr(qdash_core, error)(message)
