"""Reconciler of states in Prefect with QDash's record, after a worker's death or a server outage.

The record changes only after cancels in Prefect. Each worker is responsible for its own flow runs, and the first live
one of the pool also for those of dead workers. A wrong state is corrected if it is found twice in a row, to leave time
for the regular report.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from qdash_core.errors import NotFoundError, QDashError
from qdash_core.flows.cancellation import EXECUTION_LABEL, PROJECT_LABEL
from qdash_core.models.execution import ExecutionStatus
from qdash_core.process.clock import utc_now
from qdash_core.repositories.idempotency import IdempotencyRepository
from qdash_core.runs.run_schedules import load_run_schedules
from qdash_prefect import state_mapping
from qdash_prefect.cancels import PrefectCancels
from qdash_prefect.client import PrefectUnavailableError
from qdash_prefect.states import ACTIVE, FINAL, State, is_cancelled
from qdash_prefect.worker_names import LABEL, PREFIX, make_worker_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime
    from types import TracebackType

    from qdash_core.runs.worker_context import WorkerContext
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.settings import PrefectSettings

logger = logging.getLogger(__name__)

INTERVAL_S = 5.0
_FIRST_LOOKBACK, _LOOKBACK = timedelta(days=1), timedelta(minutes=10)
"""Age of the oldest ended flow runs that are checked: after a possible long break, and otherwise."""
_OVERDUE = timedelta(seconds=30)
_CLEANUP_EVERY = 6
"""Number of checks between two removals of the remains of dead workers."""


class Reconciler:
    """Regular correction of the states of QDash's flow runs in Prefect. A context manager.

    `active` returns the ids of the flow runs that this worker performs now, and the keys of those that it requests.
    """

    def __init__(
        self,
        client: PrefectClient,
        settings: PrefectSettings,
        work: WorkerContext,
        *,
        active: Callable[[], Collection[str]],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client, self._pool, self._work = client, f"/work_pools/{settings.pool}", work
        self._pool_name = settings.pool
        self._cancels = PrefectCancels(client, settings.pool, work.runtime)
        self._active, self._clock = active, clock
        self._wrong: set[tuple[str, str, str]] = set()
        self._checks, self._lookback = 0, _FIRST_LOOKBACK
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._check_regularly, name="qdash-reconciler", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def _check_regularly(self) -> None:
        while not self._stopped.wait(INTERVAL_S):
            try:
                self.start_overdue()
                self.reconcile()
            except PrefectUnavailableError:
                continue  # the worker has reported it
            except QDashError as error:
                logger.warning("cannot compare Prefect with the record, retrying: %s", error)
            except Exception:  # the next check may succeed, whatever the cause
                logger.exception("cannot compare Prefect with the record, retrying")

    def start_overdue(self) -> None:
        """Start runs of timetables that Prefect has missed; raise StoreUnavailableError if that fails."""
        runtime, overdue = self._work.runtime, self._clock() - _OVERDUE
        if any(one.is_due(runtime, overdue) for one in load_run_schedules(runtime)):
            self._work.start_due()

    def reconcile(self) -> list[str]:
        """Compare once, correct states that were also wrong the time before, and return the corrections as text.

        Raises PrefectUnavailableError or StoreUnavailableError; wrong states are then corrected later.
        """
        lookback = self._lookback
        self._lookback = _FIRST_LOOKBACK  # if this check fails, the next one may be much later
        live = self._list_live_workers()
        online = self._list_online_workers()
        is_responsible_for_others = self._work.owner == min(
            (one for one in live if make_worker_name(one) in online), default=""
        )
        active, corrections = {*self._active()}, list[str]()
        wrong: set[tuple[str, str, str]] = set()
        rows = self._list_flow_runs(lookback)
        superseded_ids = _find_superseded_ids(rows)
        for row in rows:
            wanted = self._find_correct_state(row, active, live if is_responsible_for_others else None)
            if row["id"] in superseded_ids:
                wanted = state_mapping.NOT_BEGUN
            if wanted is None or state_mapping.has_state(row, wanted):
                continue
            found = (row["id"], row["state_id"], wanted.kind)
            if found in self._wrong:
                corrections += self._correct(row, wanted)
            else:
                wrong.add(found)
        self._wrong = wrong
        if is_responsible_for_others and self._checks % _CLEANUP_EVERY == 0:
            self._remove_dead_workers(
                {_find_owner(row) for row in rows if row["state_type"] in ACTIVE}, online
            )
        self._checks += 1
        self._lookback = lookback if wrong else _LOOKBACK  # wrong states have to be found again
        return corrections

    def _list_live_workers(self) -> set[str]:
        """Return the owners of the live workers of all pools."""
        return {one.owner for one in self._work.runs.queue.view.list_workers()}

    def _list_online_workers(self) -> set[str]:
        """Return the names of the workers of the pool that Prefect considers online."""
        rows = self._client.list_rows(f"{self._pool}/workers/filter", {})
        return {one["name"] for one in rows if one["status"] == "ONLINE"}

    def _list_flow_runs(self, lookback: timedelta) -> list[Document]:
        """Return the flow runs of the pool that are active or have ended recently."""
        since = self._clock() - lookback
        ended = {"state": {"type": {"any_": sorted(FINAL)}}, "end_time": {"after_": since.isoformat()}}
        active = {"state": {"type": {"any_": [*ACTIVE]}}}
        of_pool: dict[str, Any] = {"work_pools": {"name": {"any_": [self._pool_name]}}}
        rows = self._client.list_rows("/flow_runs/filter", {**of_pool, "flow_runs": active})
        return rows + self._client.list_rows("/flow_runs/filter", {**of_pool, "flow_runs": ended})

    def _find_correct_state(self, row: Document, active: set[str], live: set[str] | None) -> State | None:
        """Return the correct state of a flow run, or None if it is right or another worker is responsible.

        `live` are the owners of the live workers, or None if this worker is not responsible for others.
        """
        labels, owner = row.get("labels") or {}, _find_owner(row)
        if not owner:
            return self._find_state_of_external(row, active, live)
        if owner != self._work.owner and (live is None or owner in live):
            return None
        try:
            record = self._work.runtime.record
            execution = record.find(labels[PROJECT_LABEL], labels[EXECUTION_LABEL])
            if active & {row["id"], row["idempotency_key"]}:
                return state_mapping.map_ongoing(row, execution, self._clock())
            if self._cancels.record(row, execution):
                execution = record.find(execution.project_id, execution.execution_id)
            last = record.get_last_of_flow(execution)
            ended_by_cancel = last.status is ExecutionStatus.CANCELLED
            cancelled = ended_by_cancel and self._cancels.was_cancelled(row)
            return state_mapping.map_ended(row, execution, last, cancelled=cancelled)
        except NotFoundError:
            return state_mapping.NOT_RECORDED

    def _find_state_of_external(self, row: Document, active: set[str], live: set[str] | None) -> State | None:
        """Return the correct state of an external flow run, or None as `_find_correct_state`."""
        worker = state_mapping.find_worker(row)
        if worker == make_worker_name(self._work.owner):
            return None if row["id"] in active else state_mapping.map_taken(row, self._clock())
        if live is None:
            return None
        names = {make_worker_name(one) for one in live}
        if is_cancelled(row["state"] or {}) and worker not in names:
            return self._find_state_of_cancelled_request(row, row.get("labels") or {})
        return state_mapping.map_external(row, names, self._clock())

    def _find_state_of_cancelled_request(self, row: Document, labels: Document) -> State | None:
        """Return the state of a cancelled external flow run whose worker died before recording it."""
        record, where = self._work.runtime.record, self._find_execution(row, labels)
        if where is None:
            return state_mapping.NOT_BEGUN
        try:
            self._cancels.record(row, record.find(*where))
            if row["state_type"] in FINAL:
                return None
            return state_mapping.map_cancelled_request(record.get_last_of_flow(record.find(*where)))
        except NotFoundError:
            return state_mapping.NOT_RECORDED

    def _find_execution(self, row: Document, labels: Document) -> tuple[str, str] | None:
        """Return project and id of the execution of an external flow run, or None.

        A worker submits it with the id of the flow run as key, and may die before it writes the labels.
        """
        if EXECUTION_LABEL in labels:
            return labels[PROJECT_LABEL], labels[EXECUTION_LABEL]
        requested = self._work.runtime.repositories.of(IdempotencyRepository).find_anywhere(row["id"])
        return (requested.project_id, requested.record_id) if requested else None

    def _correct(self, row: Document, wanted: State) -> list[str]:
        """Set the correct state, with a message about the wrong one."""
        state_name = (row.get("state") or {}).get("name") or row["state_type"]
        message = f"{wanted.message or 'as recorded'} [state {state_name} corrected by {make_worker_name(self._work.owner)}]"
        state = State(wanted.kind, message, wanted.name).to_document()
        if wanted.kind == "SCHEDULED":
            state["state_details"] = {"scheduled_time": self._clock().isoformat()}
        try:
            self._client.post(f"/flow_runs/{row['id']}/set_state", {"state": state, "force": True})
        except NotFoundError:  # a user has deleted it
            return []
        line = (
            f"state of {row['name']} in Prefect corrected from {state_name} to {wanted.kind.capitalize()}: "
            f"{wanted.message or 'as recorded'}"
        )
        self._work.notify(line)
        return [line]

    def _remove_dead_workers(self, active: set[str], online: set[str]) -> None:
        """Remove the workers and queues of dead workers from the pool, unless Prefect considers them online.

        Queues with active flow runs stay: Prefect would otherwise lose their pool. `active` are the owners of workers
        with such flow runs, `online` names.
        """
        existing = {
            kind: [one["name"] for one in self._client.list_rows(f"{self._pool}/{kind}/filter", {})]
            for kind in ("workers", "queues")
        }
        # Read now: a worker registers its process before it joins the pool.
        needed = {make_worker_name(owner) for owner in self._list_live_workers() | active} | online
        for kind, names in existing.items():
            for name in names:
                if name.startswith(PREFIX) and name not in needed:
                    self._remove(f"{self._pool}/{kind}/{name}")

    def _remove(self, path: str) -> None:
        try:
            self._client.delete(path)
        except NotFoundError:
            return
        logger.info("removed from Prefect, as its worker is dead: %s", path)


def _find_owner(row: Document) -> str:
    """Return the owner of the worker that has requested a flow run; empty for an external one."""
    labels = row.get("labels") or {}
    ours = {PROJECT_LABEL, EXECUTION_LABEL, LABEL} <= labels.keys() and state_mapping.has_key(row)
    return str(labels[LABEL]) if ours else ""


def _find_superseded_ids(rows: list[Document]) -> set[str]:
    """Return the ids of flow runs whose run attempt was requested again before they began it."""
    newest: dict[tuple[str, str, int], Document] = {}
    found: set[str] = set()
    for row in sorted((row for row in rows if _find_owner(row)), key=lambda row: str(row["created"])):
        labels = row["labels"]
        run_attempt = (
            labels[PROJECT_LABEL],
            labels[EXECUTION_LABEL],
            state_mapping.count_earlier_attempts(row),
        )
        if run_attempt in newest:
            found.add(newest[run_attempt]["id"])
        newest[run_attempt] = row
    return found
