"""Work pool of one QDash worker, checked regularly while the worker lives."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Self

from qdash_core.errors import NotFoundError, QDashError
from qdash_prefect.client import PrefectAwayError, PrefectClient, PrefectUnusableError
from qdash_prefect.external_runs import ExternalRuns
from qdash_prefect.flow_runs import FlowRuns
from qdash_prefect.mirror import Mirror
from qdash_prefect.registration import Registration
from qdash_prefect.report_server import ReportServer
from qdash_prefect.states import ACTIVE, Reporter
from qdash_prefect.worker_names import worker_name
from qdash_prefect.worker_process import WorkerProcess

if TYPE_CHECKING:
    from types import TracebackType

    from qdash_core.runs.worker import WorkerContext
    from qdash_prefect.settings import PrefectSettings

logger = logging.getLogger(__name__)

_LOOK_S = 1.0
_AWAY_LOOKS = 10
"""Number of successive failed checks after which runs that wait for Prefect return to the queue."""
_TOLD_AT = 2
"""Number of successive failed checks before a message: a busy server misses one."""


class Pool:
    """Connection of a worker to its work pool. A context manager: no run is left at the end of its block.

    Parameters
    ----------
    work : WorkerContext
        Worker.
    settings : PrefectSettings
        Server and pool.
    client : PrefectClient
        Client of the server.
    """

    def __init__(self, work: WorkerContext, settings: PrefectSettings, client: PrefectClient) -> None:
        self._work, self._settings, self._client = work, settings, client
        self.name = worker_name(work.owner)
        self._child = WorkerProcess(settings, self.name, told=work.told)
        self._reporter = Reporter(client)
        self.mirror = Mirror(client, work.runtime, tasks=settings.task_runner)
        self._over, self._see = threading.Event(), threading.Event()
        self.flow_runs = FlowRuns(
            work,
            settings,
            client,
            reporter=self._reporter,
            mirror=self.mirror,
            queue=self.name,
            asked=ExternalRuns(work, client, self._reporter).serve,
            changed=self._see.set,
        )
        self._registration = Registration(client, settings, work.runtime, queue=self.name)
        self._post = ReportServer(arrived=self.flow_runs.arrived, polled=self._child.polled)
        self._looking = threading.Thread(target=self._look_again_and_again, name="qdash-pool", daemon=True)
        self._misses = 0
        self._held_up = ""
        """Reason why Prefect assigns nothing to this worker although it answers; empty if there is none."""
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self._post)
        self._stack.callback(self._leave)
        self._stack.callback(self._child.end)
        self._looking.start()
        self._stack.callback(self._stop_looking)
        self._stack.enter_context(self._registration)
        self._stack.enter_context(self._reporter)
        self._stack.enter_context(self.mirror)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def can_begin(self) -> bool:
        """True if Prefect would start a run here now."""
        return self._misses == 0 and not self._held_up and self._child.asks

    # ----------------------------------------------------------------------------------------------------- regular checks

    def _look_again_and_again(self) -> None:
        while not self._over.is_set():
            try:
                self._look()
            except QDashError as error:  # retried if the store is unavailable or Prefect refuses
                logger.warning("what Prefect does cannot be looked at, which is tried again: %s", error)
            except Exception:  # cancels must be noticed whatever else fails
                logger.exception("what Prefect does cannot be looked at, which is tried again")
            self._see.wait(_LOOK_S)
            self._see.clear()

    def _look(self) -> None:
        try:
            self.flow_runs.look()
            held_up = self._what_holds_up()
        except PrefectAwayError as error:
            self._is_away(error)
            return
        if self._misses:
            if self._misses >= _TOLD_AT:
                self._work.told(f"Prefect answers at {self._client.url}")
            if self._misses >= _AWAY_LOOKS:
                self._child.end()  # it would miss cancels: another process is started
            self._misses = 0
        if held_up not in ("", self._held_up):
            self._work.told(f"{held_up}: runs wait until it is not any more")
        self._held_up = held_up
        if self._registration.tried:
            self._child.keep_alive(self._post.told)

    def _what_holds_up(self) -> str:
        """Return which of pool and queue is paused, or an empty string. The request needs the password."""
        pool = f"/work_pools/{self._settings.pool}"
        for what, path in (("pool", pool), ("work queue", f"{pool}/queues/{self.name}")):
            try:
                if self._client.get(path)["is_paused"]:
                    return f"Prefect's {what} {path.rpartition('/')[2]} is paused"
            except NotFoundError:  # the registration creates it
                continue
        return ""

    def _is_away(self, error: PrefectAwayError) -> None:
        self._misses += 1
        if self._misses == _TOLD_AT:
            unusable = isinstance(error, PrefectUnusableError)
            why = str(error) if unusable else f"Prefect does not answer at {self._client.url}"
            self._work.told(f"{why}: runs wait until it does")
            logger.info("%s", error)
        if self._misses >= _AWAY_LOOKS:
            self.flow_runs.give_back(error)

    # ----------------------------------------------------------------------------------------------------------- shutdown

    def _stop_looking(self) -> None:
        self._over.set()
        self._see.set()
        self._looking.join()

    def _leave(self) -> None:
        """Remove this worker and its queue from the pool; a queue with active flow runs is left."""
        pool = f"/work_pools/{self._settings.pool}"
        active = {
            "work_pools": {"name": {"any_": [self._settings.pool]}},
            "work_pool_queues": {"name": {"any_": [self.name]}},
            "flow_runs": {"state": {"type": {"any_": [*ACTIVE]}}},
        }
        with suppress(QDashError):
            self._client.delete(f"{pool}/workers/{self.name}")
        with suppress(QDashError):
            if not self._client.every("/flow_runs/filter", active):
                self._client.delete(f"{pool}/queues/{self.name}")
