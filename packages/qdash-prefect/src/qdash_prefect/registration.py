"""Regular registration of a worker's flows and timetables in Prefect."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Self

from qdash_core.errors import NotFoundError, QDashError
from qdash_prefect import deployments, schedules
from qdash_prefect.client import PrefectUnavailableError

if TYPE_CHECKING:
    from types import TracebackType

    from qdash_core.runtime.runtime import Runtime
    from qdash_prefect.client import PrefectClient
    from qdash_prefect.settings import PrefectSettings

logger = logging.getLogger(__name__)

_INTERVAL_S = 10.0
_RETRY_S = 1.0
"""Delay before the next request to a server that was unavailable, in seconds."""


class Registration:
    """Registration of pool, queue, deployments and schedules, with its own thread. A context manager."""

    def __init__(
        self, client: PrefectClient, settings: PrefectSettings, runtime: Runtime, *, queue: str
    ) -> None:
        self._client, self._settings, self._runtime = client, settings, runtime
        self._queue = queue
        self._written: deployments.WrittenVersions = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._register_regularly, name="qdash-prefect-registration", daemon=True
        )
        self.tried = False
        """True after the first attempt. Refusals are logged as warnings, and affect nothing else."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def _register_regularly(self) -> None:
        pause_s = 0.0
        while not self._stopped.wait(pause_s):
            pause_s = _INTERVAL_S
            try:
                deployments.ensure_pool(self._client, self._settings.pool)
                self._ensure_queue()
                registered = deployments.register_deployments(
                    self._client, self._settings, self._runtime, self._written
                )
                schedules.reconcile_schedules(self._client, registered, self._runtime)
            except PrefectUnavailableError:  # reported by the pool
                pause_s = _RETRY_S
                continue
            except QDashError as error:
                logger.warning("cannot register all flows and timetables in Prefect: %s", error)
            except Exception:  # retried, perhaps with other flows
                logger.exception("cannot register all flows and timetables in Prefect")
            self.tried = True

    def _ensure_queue(self) -> None:
        pool = f"/work_pools/{self._settings.pool}/queues"
        try:
            self._client.get(f"{pool}/{self._queue}")
        except NotFoundError:
            self._client.post(pool, {"name": self._queue})
