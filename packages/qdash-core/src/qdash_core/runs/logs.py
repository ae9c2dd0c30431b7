"""Logs of runs."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections import Counter
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, TextIO

from qdash_core.errors import QDashError
from qdash_core.features.discovery import list_feature_packages
from qdash_core.models.progress import notify_observer, notify_repeat, notify_start
from qdash_core.models.task import TaskStatus
from qdash_core.process.clock import machine_now
from qdash_core.repositories.queue import LogRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from qdash_core.models.progress import Progress
    from qdash_core.models.task import Node, TaskResultModel
    from qdash_core.repositories.repositories import Repositories

_EVERY_S = 1.0
"""Seconds between two checks of a follower."""
_LARGEST = 256 * 1024
"""Number of characters kept while the store is unreachable; the oldest are dropped."""


class RunLog:
    """Log of a run: collects text and writes it to the store regularly. A context manager; `write` is thread-safe.

    `repositories` returns the repositories of an open store.
    """

    def __init__(self, repositories: Callable[[], Repositories], project_id: str, execution_id: str) -> None:
        self._repositories = repositories
        self._whose = project_id, execution_id
        self._said = ""
        self._changing = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._write_now_and_then, name="qdash-log", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()
        self._keep()

    def add_line(self, text: str) -> None:
        """Add a line with the time."""
        self.write(f"{machine_now().isoformat(timespec='seconds')} {text.rstrip()}\n")

    def write(self, text: str) -> None:
        """Add text unchanged."""
        with self._changing:
            self._said = (self._said + text)[-_LARGEST:]

    def _write_now_and_then(self) -> None:
        while not self._stopped.wait(_EVERY_S):
            self._keep()

    def _keep(self) -> None:
        with self._changing:
            said, self._said = self._said, ""
        if not said:
            return
        try:
            text = said.encode("utf-8", "replace").decode()  # half a surrogate pair is text to Python alone
            self._repositories().of(LogRepository).append(*self._whose, text)
        except QDashError:  # the store is away: the next time, perhaps
            with self._changing:
                self._said = (said + self._said)[-_LARGEST:]


class _Handler(logging.Handler):
    def __init__(self, log: RunLog) -> None:
        super().__init__(logging.INFO)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._log.add_line(f"{record.levelname} {record.name}: {record.getMessage()}")
        except Exception:  # noqa: BLE001  a record that cannot be formatted is reported as logging does
            self.handleError(record)


class _TeeStream(io.TextIOBase):
    """Text stream that also writes to a log."""

    def __init__(self, stream: TextIO, log: RunLog) -> None:
        self._stream, self._log = stream, log

    def write(self, text: str) -> int:
        self._log.write(text)
        return self._stream.write(text)

    def flush(self) -> None:
        self._stream.flush()

    def fileno(self) -> int:
        return self._stream.fileno()

    def isatty(self) -> bool:
        return self._stream.isatty()


@contextmanager
def capture_output(log: RunLog, *, streams: bool) -> Iterator[None]:
    """Write log records from INFO on to a run's log during a block; other handlers continue to work.

    `streams` tells whether to add standard output and error, in a process that performs only this run.
    """
    root, own = logging.getLogger(), [logging.getLogger(package) for package in list_feature_packages()]
    handler, levels, shown = (
        _Handler(log),
        [one.level for one in own],
        [one for one in root.handlers if not one.level],
    )
    for one in shown:
        one.setLevel(root.level)
    for logger in own:
        logger.setLevel(min(logging.INFO, logger.getEffectiveLevel()))
    root.addHandler(handler)
    try:
        with ExitStack() as copied:
            if streams:
                copied.enter_context(redirect_stdout(_TeeStream(sys.stdout, log)))
                copied.enter_context(redirect_stderr(_TeeStream(sys.stderr, log)))
            yield
    finally:
        root.removeHandler(handler)
        for logger, level in zip(own, levels, strict=True):
            logger.setLevel(level)
        for one in shown:
            one.setLevel(logging.NOTSET)


class LoggedProgress:
    """Progress that is also written to a log.

    Its count of results differs from `record.progress`: log lines are final, so a cancelled result counts as
    finished, and planned tasks count from their plan on. `done` has the nodes that an earlier run attempt completed.
    """

    def __init__(self, progress: Progress, log: RunLog, done: Collection[Node] = ()) -> None:
        self._progress, self._log, self._done = progress, log, done
        self._asked: Counter[tuple[str, str]] = Counter()
        self._planned = 0
        self._ended: set[Node] = set()

    def began(self, execution_id: str) -> None:
        """Forward and log the start."""
        self._log.add_line(f"execution {execution_id} begins")
        notify_observer(self._progress.began, execution_id)

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """Forward and log the plan."""
        targets = [target for group in groups for target in group]
        self._planned += len(tasks) * len(targets)
        anew = [target for target in targets if self._will_be_measured(tasks, target)]
        message = f"{', '.join(tasks)} on {len(targets)} targets: {', '.join(targets)}"
        if anew != targets:
            message += f"; of these {len(anew)} are measured anew: {', '.join(anew) or 'none'}"
        self._log.add_line(message)
        notify_observer(self._progress.planned, tasks, groups)

    def started(self, task: str, target: str) -> None:
        """Forward the start of a measurement."""
        notify_start(self._progress, task, target)

    def repeating(self, result: TaskResultModel) -> None:
        """Forward and log that a result is measured once more, with the reason."""
        why = "; ".join(result.reasons or [result.message])
        self._log.add_line(f"{result.name} on {result.qid}: {why}: measured once more")
        notify_repeat(self._progress, result)

    def _will_be_measured(self, tasks: Sequence[str], target: str) -> bool:
        """Return whether a task will be measured on a target; count its plans there."""
        nodes = [(name, target, self._asked[name, target]) for name in tasks]
        self._asked.update((name, target) for name in tasks)
        return any(node not in self._done for node in nodes)

    def finished(self, result: TaskResultModel) -> None:
        """Forward the result; log the number of results and the reason of a failure."""
        self._ended.add(result.node)
        why = f": {result.message}" if result.status is TaskStatus.FAILED else ""
        message = f"{result.name} on {result.qid or 'the chip'} {result.status}{why}"
        self._log.add_line(f"{len(self._ended)}/{max(self._planned, len(self._ended))} {message}")
        notify_observer(self._progress.finished, result)
