"""What a worker registers at Prefect, again and again: flows that people save, and timetables, become known there."""

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
"""So long it is waited until a server is asked again that was away."""


class Registration:
    """Registers the pool, the worker's queue, deployments and schedules, in a thread of its own. A context manager.

    Parameters
    ----------
    client : PrefectClient
        Of the server.
    settings : PrefectSettings
        Which pool.
    runtime : Runtime
        Open.
    queue : str
        The work queue of this worker alone.
    """

    def __init__(
        self, client: PrefectClient, settings: PrefectSettings, runtime: Runtime, *, queue: str
    ) -> None:
        self._client, self._settings, self._runtime = client, settings, runtime
        self._queue = queue
        self._stood: deployments.Stood = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="qdash-prefect-registration", daemon=True)
        self.tried = False
        """Whether the server has been told once. What it then refuses is told in a warning, and holds up nothing else."""

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
                schedules.agree(self._client, found, self._runtime)
            except PrefectAwayError:  # which the pool tells
                pause_s = _AGAIN_S
                continue
            except QDashError as error:
                logger.warning("not all flows and timetables are known to Prefect: %s", error)
            except Exception:  # it is tried again, perhaps with other flows
                logger.exception("not all flows and timetables are known to Prefect")
            self.tried = True

    def _make_queue(self) -> None:
        pool = f"/work_pools/{self._settings.pool}/queues"
        try:
            self._client.get(f"{pool}/{self._queue}")
        except NotFoundError:
            self._client.post(pool, {"name": self._queue})
