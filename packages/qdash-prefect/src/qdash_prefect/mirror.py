"""Mirror of runs in Prefect's interface: their logs and optionally their tasks, sent in batches."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from qdash_core.errors import QDashError, StoreUnavailableError
from qdash_prefect.client import PrefectUnavailableError
from qdash_prefect.run_log import RunLog
from qdash_prefect.task_runs import TaskRuns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from qdash_core.models.progress import Progress
    from qdash_core.runtime.runtime import Runtime
    from qdash_prefect.client import PrefectClient
    from qdash_prefect.flow_run import FlowRun

logger = logging.getLogger(__name__)

_INTERVAL_S = 2.0
_BATCH = 200
"""Largest number of lines or tasks in one request."""
_READS_AFTER_END = 2
"""Number of reads after the end of a run: its last messages are written just after it."""


@dataclass
class _MirroredRun:
    """Run shown in Prefect's interface."""

    log: RunLog
    tasks: TaskRuns | None
    reads_left: int | None = None
    """Remaining reads before the run is dropped, or None while it runs."""


class RunMirror:
    """Mirror of runs in Prefect's interface, with its own thread. A context manager.

    Messages that cannot be sent because the server is unavailable are not sent later.
    """

    def __init__(self, client: PrefectClient, runtime: Runtime, *, tasks: bool) -> None:
        self._client, self._runtime, self._with_tasks = client, runtime, tasks
        self._shown: dict[str, _MirroredRun] = {}
        self._changing = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="qdash-prefect-mirror", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def begin(self, flow_run: FlowRun, progress: Progress) -> Progress:
        """Start showing a run, and return its progress receiver, which informs `progress` as well."""
        tasks = TaskRuns(flow_run.flow_run_id, progress) if self._with_tasks else None
        shown = _MirroredRun(RunLog(self._runtime, flow_run), tasks)
        with self._changing:
            self._shown[flow_run.flow_run_id] = shown
        return tasks or progress

    def end(self, flow_run: FlowRun) -> None:
        """Show the remaining output of a run that has ended. Has no effect on a run that is not shown."""
        with self._changing:
            shown = self._shown.get(flow_run.flow_run_id)
            if shown is not None:
                shown.reads_left = _READS_AFTER_END

    def _work(self) -> None:
        while not self._over.wait(_INTERVAL_S):
            self._send_all()
        self._send_all(last=True)

    def _send_all(self, *, last: bool = False) -> None:
        """Send the new output of every run."""
        with self._changing:
            shown = [*self._shown.values()]
        sent = [shown for shown in shown if self._send_run(shown, last=last or shown.reads_left == 1)]
        self._forget_ended(sent)

    def _send_run(self, shown: _MirroredRun, *, last: bool) -> bool:
        """Send the new output of a run; return False if the store is unavailable."""
        try:
            self._post("/logs/", shown.log.read_new(last=last))
            if shown.tasks is not None:
                self._post("/events", shown.tasks.take_events())
        except PrefectUnavailableError:
            logger.debug("Prefect is unavailable: new log lines and tasks are only in QDash's record")
        except StoreUnavailableError:
            return False
        except QDashError as error:
            logger.warning("cannot show the logs and tasks of a run in Prefect: %s", error)
        except Exception:  # other runs are shown anyway
            logger.exception("cannot show the logs and tasks of a run in Prefect")
        return True

    def _post(self, path: str, documents: Sequence[dict[str, Any]]) -> None:
        for place in range(0, len(documents), _BATCH):
            self._client.post(path, documents[place : place + _BATCH])

    def _forget_ended(self, sent: Sequence[_MirroredRun]) -> None:
        with self._changing:
            for shown in sent:
                if shown.reads_left is not None:
                    shown.reads_left -= 1
            self._shown = {key: shown for key, shown in self._shown.items() if shown.reads_left != 0}
