"""Work pool of a QDash worker, checked regularly during the worker's life."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Self

from qdash_core.errors import NotFoundError, QDashError
from qdash_prefect.client import PrefectClient, PrefectSettingsError, PrefectUnavailableError
from qdash_prefect.external_runs import ExternalRuns
from qdash_prefect.flow_runs import FlowRuns
from qdash_prefect.mirror import RunMirror
from qdash_prefect.registration import Registration
from qdash_prefect.report_server import ReportServer
from qdash_prefect.states import ACTIVE, Reporter
from qdash_prefect.worker_names import make_worker_name
from qdash_prefect.worker_process import WorkerProcess

if TYPE_CHECKING:
    from types import TracebackType

    from qdash_core.runs.worker_context import WorkerContext
    from qdash_prefect.settings import PrefectSettings

logger = logging.getLogger(__name__)

_CHECK_INTERVAL_S = 1.0
_RETURN_AFTER = 10
"""Number of successive failed checks after which runs that wait for Prefect return to the queue."""
_REPORT_AFTER = 2
"""Number of successive failed checks before a message: a busy server misses one."""


class PoolConnection:
    """Connection of a worker to its work pool. A context manager, at whose end no run is left."""

    def __init__(self, work: WorkerContext, settings: PrefectSettings, client: PrefectClient) -> None:
        self._work, self._settings, self._client = work, settings, client
        self.name = make_worker_name(work.owner)
        self._worker_process = WorkerProcess(settings, self.name, report=work.notify)
        self._reporter = Reporter(client)
        self.mirror = RunMirror(client, work.runtime, tasks=settings.task_runner)
        self._stopped, self._wake = threading.Event(), threading.Event()
        self.flow_runs = FlowRuns(
            work,
            settings,
            client,
            reporter=self._reporter,
            mirror=self.mirror,
            queue=self.name,
            perform_external=ExternalRuns(work, client, self._reporter).serve,
            changed=self._wake.set,
        )
        self._registration = Registration(client, settings, work.runtime, queue=self.name)
        self._report_server = ReportServer(
            on_start=self.flow_runs.accept, on_poll=self._worker_process.record_poll
        )
        self._thread = threading.Thread(target=self._check_regularly, name="qdash-pool", daemon=True)
        self._failed_checks = 0
        self._pause_reason = ""
        """Reason why Prefect assigns nothing to this worker although it responds; empty if there is none."""
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self._report_server)
        self._stack.callback(self._leave)
        self._stack.callback(self._worker_process.end)
        self._thread.start()
        self._stack.callback(self._stop_checking)
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
        return self._failed_checks == 0 and not self._pause_reason and self._worker_process.is_polling

    # ----------------------------------------------------------------------------------------------------- regular checks

    def _check_regularly(self) -> None:
        while not self._stopped.is_set():
            try:
                self._check()
            except QDashError as error:  # retried if the store is unavailable or Prefect refuses
                logger.warning("cannot check the flow runs in Prefect, retrying: %s", error)
            except Exception:  # cancels must be noticed whatever else fails
                logger.exception("cannot check the flow runs in Prefect, retrying")
            self._wake.wait(_CHECK_INTERVAL_S)
            self._wake.clear()

    def _check(self) -> None:
        try:
            self.flow_runs.check()
            pause_reason = self._find_pause()
        except PrefectUnavailableError as error:
            self._record_outage(error)
            return
        if self._failed_checks:
            if self._failed_checks >= _REPORT_AFTER:
                self._work.notify(f"Prefect responds again at {self._client.url}")
            self._failed_checks = 0
        if pause_reason not in ("", self._pause_reason):
            self._work.notify(f"{pause_reason}: runs wait until it is resumed")
        self._pause_reason = pause_reason
        if self._registration.tried:
            self._worker_process.keep_alive(self._report_server.address_text)

    def _find_pause(self) -> str:
        """Return which of pool and queue is paused, or an empty string, by a request that needs the password."""
        pool = f"/work_pools/{self._settings.pool}"
        for name, path in (("pool", pool), ("work queue", f"{pool}/queues/{self.name}")):
            try:
                if self._client.get(path)["is_paused"]:
                    return f"Prefect's {name} {path.rpartition('/')[2]} is paused"
            except NotFoundError:  # the registration creates it
                continue
        return ""

    def _record_outage(self, error: PrefectUnavailableError) -> None:
        self._failed_checks += 1
        if self._failed_checks == _REPORT_AFTER:
            unusable = isinstance(error, PrefectSettingsError)
            reason = str(error) if unusable else f"Prefect does not respond at {self._client.url}"
            self._work.notify(f"{reason}; runs wait until it is available")
            logger.info("%s", error)
        if self._failed_checks == _RETURN_AFTER:
            # It would miss cancels. Another one is started once the server responds: at that time, this one might just have
            # taken a flow run.
            self._worker_process.end()
        if self._failed_checks >= _RETURN_AFTER:
            self.flow_runs.return_to_queue(error)

    # ----------------------------------------------------------------------------------------------------------- shutdown

    def _stop_checking(self) -> None:
        self._stopped.set()
        self._wake.set()
        self._thread.join()

    def _leave(self) -> None:
        """Remove this worker and its queue from the pool; a queue with active flow runs stays."""
        pool = f"/work_pools/{self._settings.pool}"
        active = {
            "work_pools": {"name": {"any_": [self._settings.pool]}},
            "work_pool_queues": {"name": {"any_": [self.name]}},
            "flow_runs": {"state": {"type": {"any_": [*ACTIVE]}}},
        }
        with suppress(QDashError):
            self._client.delete(f"{pool}/workers/{self.name}")
        with suppress(QDashError):
            if not self._client.list_rows("/flow_runs/filter", active):
                self._client.delete(f"{pool}/queues/{self.name}")
