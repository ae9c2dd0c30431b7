"""Mirror of runs in Prefect's interface: their logs and optionally their tasks, sent in batches."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from qdash_core.errors import QDashError, StoreUnavailableError
from qdash_prefect.client import PrefectAwayError
from qdash_prefect.run_log import RunLog
from qdash_prefect.task_runs import TaskRuns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from qdash_core.progress import Progress
    from qdash_core.runtime import Runtime
    from qdash_prefect.client import PrefectClient
    from qdash_prefect.flow_run import FlowRun

logger = logging.getLogger(__name__)

_EVERY_S = 2.0
_AT_ONCE = 200
"""Largest number of lines or tasks in one request."""
_LOOKS_AFTER = 2
"""Number of reads after the end of a run: its last messages are written just after it."""


@dataclass
class _Shown:
    """Run that is shown."""

    log: RunLog
    tasks: TaskRuns | None
    looks_left: int | None = None
    """Remaining reads before the run is dropped, or None while it runs."""


class Mirror:
    """Mirror of runs in Prefect's interface, in a thread of its own. A context manager.

    Messages that cannot be sent because the server is unavailable are not sent later: they are in the record.

    Parameters
    ----------
    client : PrefectClient
        Client of the server.
    runtime : Runtime
        Open runtime.
    tasks : bool
        Whether tasks are shown as task runs.
    """

    def __init__(self, client: PrefectClient, runtime: Runtime, *, tasks: bool) -> None:
        self._client, self._runtime, self._with_tasks = client, runtime, tasks
        self._shown: dict[str, _Shown] = {}
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
        """Show a run from now on, and return the progress receiver for it.

        Parameters
        ----------
        progress : Progress
            Receiver that is also informed.
        """
        tasks = TaskRuns(flow_run.flow_run_id, progress) if self._with_tasks else None
        shown = _Shown(RunLog(self._runtime, flow_run), tasks)
        with self._changing:
            self._shown[flow_run.flow_run_id] = shown
        return tasks or progress

    def end(self, flow_run: FlowRun) -> None:
        """Show the rest of a run that has ended. Without effect if it is not shown."""
        with self._changing:
            shown = self._shown.get(flow_run.flow_run_id)
            if shown is not None:
                shown.looks_left = _LOOKS_AFTER

    def _work(self) -> None:
        while not self._over.wait(_EVERY_S):
            self._look()
        self._look(last=True)

    def _look(self, *, last: bool = False) -> None:
        """Send the news of every run.

        Parameters
        ----------
        last : bool
            Whether this is the last time.
        """
        with self._changing:
            shown = [*self._shown.values()]
        looked_at = [one for one in shown if self._looked_at(one, last=last or one.looks_left == 1)]
        self._forget_ended(looked_at)

    def _looked_at(self, one: _Shown, *, last: bool) -> bool:
        """Send the news of a run; return False if the store is unavailable."""
        try:
            self._post("/logs/", one.log.new(last=last))
            if one.tasks is not None:
                self._post("/events", one.tasks.new())
        except PrefectAwayError:
            logger.debug("Prefect is away: what runs say meanwhile is in the record alone")
        except StoreUnavailableError:
            return False
        except QDashError as error:
            logger.warning("what a run does is not shown by Prefect: %s", error)
        except Exception:  # other runs are shown anyway
            logger.exception("what a run does is not shown by Prefect")
        return True

    def _post(self, path: str, documents: Sequence[dict[str, Any]]) -> None:
        for place in range(0, len(documents), _AT_ONCE):
            self._client.post(path, documents[place : place + _AT_ONCE])

    def _forget_ended(self, looked_at: Sequence[_Shown]) -> None:
        with self._changing:
            for shown in looked_at:
                if shown.looks_left is not None:
                    shown.looks_left -= 1
            self._shown = {key: one for key, one in self._shown.items() if one.looks_left != 0}
