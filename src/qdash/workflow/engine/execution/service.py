"""Record of executions, as flows of the original construct it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.process.clock import utc_now
from qdash_core.record.external_transitions import ExternalTransitions
from qdash_core.record.orphans import find_interrupted
from qdash_core.record.service import ExecutionRecord
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.repositories.store import Store


# Two base classes, since flows of the original call the methods of both on one object; the core keeps the two apart.
class ExecutionService(ExecutionRecord, ExternalTransitions):
    """Executions of one store, with the transitions of their own processes and of others, as in the original.

    Parameters
    ----------
    store : Store
        The store of the executions.
    zone : ZoneInfo
        The zone whose calendar dates execution ids.
    artifacts : CalibDataSaver
        The storage of raw data.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        artifacts: CalibDataSaver,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        ExecutionRecord.__init__(self, store, zone, clock=clock)
        ExternalTransitions.__init__(self, store, artifacts, clock=clock)

    def interrupted_among(self, executions: Iterable[ExecutionModel]) -> set[str]:
        """Return the ids of the executions that are recorded as running without a live process."""
        with self._store.read() as snapshot:
            return find_interrupted(Repositories(snapshot), executions)
