"""Regular registration of a worker's flows and timetables in Prefect."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Self

from qdash_core.errors import NotFoundError, QDashError
from qdash_prefect import deployments, schedules
from qdash_prefect.client import PrefectAwayError

if TYPE_CHECKING:
    from types import TracebackType

    from qdash_core.runtime import Runtime
    from qdash_prefect.client import PrefectClient
    from qdash_prefect.settings import PrefectSettings

logger = logging.getLogger(__name__)

_EVERY_S = 10.0
_AGAIN_S = 1.0
"""Delay before the next request to a server that was unavailable, in seconds."""


class Registration:
    """Registration of pool, queue, deployments and schedules, in a thread of its own. A context manager.

    Parameters
    ----------
    client : PrefectClient
        Client of the server.
    settings : PrefectSettings
        Pool.
    runtime : Runtime
        Open runtime.
    queue : str
        Work queue of this worker.
    """

    def __init__(
        self, client: PrefectClient, settings: PrefectSettings, runtime: Runtime, *, queue: str
    ) -> None:
        self._client, self._settings, self._runtime = client, settings, runtime
        self._queue = queue
        self._stood: deployments.WrittenVersions = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="qdash-prefect-registration", daemon=True)
        self.tried = False
        """True after the first attempt. Refusals are logged as warnings, and affect nothing else."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        pause_s = 0.0
        while not self._over.wait(pause_s):
            pause_s = _EVERY_S
            try:
                deployments.ensure_pool(self._client, self._settings.pool)
                self._make_queue()
                found = deployments.register(self._client, self._settings, self._runtime, self._stood)
                schedules.reconcile_schedules(self._client, found, self._runtime)
            except PrefectAwayError:  # reported by the pool
                pause_s = _AGAIN_S
                continue
            except QDashError as error:
                logger.warning("not all flows and timetables are known to Prefect: %s", error)
            except Exception:  # retried, perhaps with other flows
                logger.exception("not all flows and timetables are known to Prefect")
            self.tried = True

    def _make_queue(self) -> None:
        pool = f"/work_pools/{self._settings.pool}/queues"
        try:
            self._client.get(f"{pool}/{self._queue}")
        except NotFoundError:
            self._client.post(pool, {"name": self._queue})
