"""Messages of a performing process to its starter: lines of JSON, and errors with their class."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import qdash_core.errors
from qdash_core.errors import FlowError, QDashError
from qdash_core.models.progress import notify_observer, notify_repeat, notify_start
from qdash_core.models.task import TaskResultModel
from qdash_core.tasks.failures import describe_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_core.models.progress import Progress

logger = logging.getLogger(__name__)


class MessageSender:
    """`Progress` that reports to another process; `send` takes one line, without its end."""

    def __init__(self, send: Callable[[str], None]) -> None:
        self._send = send
        self.tells_starts = False
        """True if the receiver asked for messages about starts; other receivers may not know that kind of message."""

    def began(self, execution_id: str) -> None:
        """Send the id of the execution."""
        self._say("began", execution_id=execution_id)

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """Send the plan of a stage."""
        self._say("planned", tasks=[*tasks], groups=[[*group] for group in groups])

    def started(self, task: str, target: str) -> None:
        """Send the start of a measurement, if the starter asked for starts."""
        if self.tells_starts:
            self._say("started", task=task, target=target)

    def repeating(self, result: TaskResultModel) -> None:
        """Send a result whose measurement is repeated."""
        self._say("repeating", result=result.model_dump(mode="json"))

    def finished(self, result: TaskResultModel) -> None:
        """Send a result."""
        self._say("finished", result=result.model_dump(mode="json"))

    def send_end(self, execution_id: str, project_id: str) -> None:
        """Send the end of the execution; details are in its record."""
        self._say("ended", execution_id=execution_id, project_id=project_id)

    def send_error(self, error: BaseException) -> None:
        """Send the error that ended the execution."""
        if isinstance(error, KeyboardInterrupt):
            self._say("interrupted", message=str(error))
            return
        logger.debug("what stopped the flow", exc_info=error)
        kind = next(
            (base.__name__ for base in type(error).__mro__ if _is_known(base.__name__)), FlowError.__name__
        )
        text = str(error) if isinstance(error, QDashError) else describe_error(error)
        self._say("raised", error=kind, message=text)

    def _say(self, what: str, **news: Any) -> None:
        self._send(json.dumps({"what": what, **news}))


def relay_message(message: Mapping[str, Any], progress: Progress) -> None:
    """Report a message from another process to an observer."""
    match message["what"]:
        case "began":
            notify_observer(progress.began, message["execution_id"])
        case "planned":
            notify_observer(progress.planned, message["tasks"], message["groups"])
        case "started":
            notify_start(progress, message["task"], message["target"])
        case "repeating":
            notify_repeat(progress, TaskResultModel.model_validate(message["result"]))
        case "finished":
            notify_observer(progress.finished, TaskResultModel.model_validate(message["result"]))


def restore_error(message: Mapping[str, Any]) -> BaseException:
    """Return an error from another process, with the same class and message."""
    if message["what"] == "interrupted":
        return KeyboardInterrupt(*filter(None, [message["message"]]))
    name = str(message["error"])
    kind = getattr(qdash_core.errors, name) if _is_known(name) else FlowError
    error: QDashError = kind(message["message"])
    return error


def _is_known(name: str) -> bool:
    found = getattr(qdash_core.errors, name, None)
    return isinstance(found, type) and issubclass(found, QDashError)
