"""The reconciler: makes Prefect agree with our record where a death, or a server that was away, has left them apart.

Our record is never changed by what Prefect says to have ended, but by what somebody has cancelled there. Each worker sees to
its own flow runs, and the first of those that live and are in the pool to those of the dead. What is wrong at two looks in a
row is mended, so that who is about to tell it is not overtaken; whatever is mended is named.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from qdash_core.errors import NotFoundError, QDashError
from qdash_core.flows.prefect import EXECUTION_LABEL, PROJECT_LABEL
from qdash_core.models.base import utc_now
from qdash_core.models.execution import ExecutionStatus
from qdash_prefect import agreement
from qdash_prefect.cancels import PrefectCancels
from qdash_prefect.client import PrefectAwayError
from qdash_prefect.names import LABEL, PREFIX, name_of
from qdash_prefect.states import ACTIVE, FINAL, State, is_cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime
    from types import TracebackType

    from qdash_core.runs.pools import Work
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.settings import PrefectSettings

logger = logging.getLogger(__name__)

EVERY_S = 5.0
_FIRST_BACK, _BACK = timedelta(days=1), timedelta(minutes=10)
"""So far back flow runs that have ended are looked at: when nobody may have looked for a long time, and else."""
_OVERDUE = timedelta(seconds=30)
_TIDY_EVERY = 6
"""Looks between two at what dead workers have left in the pool."""


class Reconciler:
    """Sees to it that Prefect says of our flow runs what our record says. A context manager that does so now and then.

    Parameters
    ----------
    client : PrefectClient
        Of the server.
    settings : PrefectSettings
        Which pool.
    work : Work
        The worker that looks.
    performed : callable
        Returns the ids of the flow runs that this worker performs now, and the keys of those that it is asking for.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        client: PrefectClient,
        settings: PrefectSettings,
        work: Work,
        *,
        performed: Callable[[], Collection[str]],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client, self._pool, self._work = client, f"/work_pools/{settings.pool}", work
        self._pool_name = settings.pool
        self._cancels = PrefectCancels(client, settings.pool, work.runtime)
        self._performed, self._clock = performed, clock
        self._wrong: set[tuple[str, str, str]] = set()
        self._looks, self._back = 0, _FIRST_BACK
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_now_and_then, name="qdash-reconciler", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look_now_and_then(self) -> None:
        while not self._over.wait(EVERY_S):
            try:
                self.start_overdue()
                self.look()
            except PrefectAwayError:
                continue  # the worker has said so
            except QDashError as error:
                logger.warning("Prefect and the record cannot be compared, which is tried again: %s", error)
            except Exception:  # whatever somebody has made there, the next look may be another
                logger.exception("Prefect and the record cannot be compared, which is tried again")

    def start_overdue(self) -> None:
        """Let timetables start what Prefect's schedules should have woken them for some time ago; StoreUnavailableError if that is away."""
        if self._work.runtime.repositories.timetables.due(self._clock() - _OVERDUE):
            self._work.start_due()

    def look(self) -> list[str]:
        """Compare once, and mend what was wrong at the look before, too; return what was mended, in words.

        Raises
        ------
        PrefectAwayError, StoreUnavailableError
            If the server or the store is away; what is wrong is mended when it is back.
        """
        back, self._back = self._back, _FIRST_BACK  # should this look fail, the next may come long after
        living = self._living()
        online = self._online()
        sees_to_others = self._work.owner == min(
            (one for one in living if name_of(one) in online), default=""
        )
        performed, mended = {*self._performed()}, list[str]()
        wrong: set[tuple[str, str, str]] = set()
        rows = self._rows(back)
        overtaken = _overtaken(rows)
        for row in rows:
            wanted = self._wanted(row, performed, living if sees_to_others else None)
            if row["id"] in overtaken:
                wanted = agreement.NOT_BEGUN
            if wanted is None or agreement.agrees(row, wanted):
                continue
            found = (row["id"], row["state_id"], wanted.kind)
            if found in self._wrong:
                mended += self._mend(row, wanted)
            else:
                wrong.add(found)
        self._wrong = wrong
        if sees_to_others and self._looks % _TIDY_EVERY == 0:
            self._tidy({_owner(row) for row in rows if row["state_type"] in ACTIVE}, online)
        self._looks += 1
        self._back = back if wrong else _BACK  # what is wrong has to be found once more
        return mended

    def _living(self) -> set[str]:
        """Return the presences of the workers that live, of whatever pool."""
        return {one.owner for one in self._work.runs.queue.workers()}

    def _online(self) -> set[str]:
        """Return the names of the workers of the pool that Prefect has seen lately."""
        rows = self._client.every(f"{self._pool}/workers/filter", {})
        return {one["name"] for one in rows if one["status"] == "ONLINE"}

    def _rows(self, back: timedelta) -> list[Document]:
        """Return the flow runs of the pool that have not ended, and those that have lately."""
        since = self._clock() - back
        ended = {"state": {"type": {"any_": sorted(FINAL)}}, "end_time": {"after_": since.isoformat()}}
        active = {"state": {"type": {"any_": [*ACTIVE]}}}
        of_pool: dict[str, Any] = {"work_pools": {"name": {"any_": [self._pool_name]}}}
        rows = self._client.every("/flow_runs/filter", {**of_pool, "flow_runs": active})
        return rows + self._client.every("/flow_runs/filter", {**of_pool, "flow_runs": ended})

    def _wanted(self, row: Document, performed: set[str], living: set[str] | None) -> State | None:
        """Return what to say of a flow run; None: nothing, or another worker does.

        Parameters
        ----------
        living : set of str or None
            The presences of the workers that live; None: this one does not see to others.
        """
        labels, owner = row.get("labels") or {}, _owner(row)
        if not owner:
            if living is None:
                return None
            names = {name_of(one) for one in living}
            cancelled = is_cancelled(row["state"] or {})
            if cancelled and labels.get("prefect.worker.name") not in names:
                return self._of_cancelled_request(row, labels)
            return agreement.of_what_was_asked(row, names, self._clock())
        if owner != self._work.owner and (living is None or owner in living):
            return None
        try:
            record = self._work.runtime.record
            execution = record.find(labels[PROJECT_LABEL], labels[EXECUTION_LABEL])
            if performed & {row["id"], row["idempotency_key"]}:
                return agreement.of_what_goes_on(row, execution, self._clock())
            if self._cancels.record(row, execution):
                execution = record.find(execution.project_id, execution.execution_id)
            last = record.last_of_flow(execution)
            ended_by_cancel = last.status is ExecutionStatus.CANCELLED
            cancelled = ended_by_cancel and self._cancels.was_cancelled(row)
            return agreement.of_what_is_over(row, execution, last, cancelled=cancelled)
        except NotFoundError:
            return agreement.NOT_RECORDED

    def _of_cancelled_request(self, row: Document, labels: Document) -> State | None:
        """Return what to say of a flow run that somebody made and cancelled; its worker died before it recorded that."""
        record, where = self._work.runtime.record, self._submitted_as(row, labels)
        if where is None:
            return agreement.NOT_BEGUN
        try:
            self._cancels.record(row, record.find(*where))
            if row["state_type"] in FINAL:
                return None
            return agreement.of_cancelled_request(record.last_of_flow(record.find(*where)))
        except NotFoundError:
            return agreement.NOT_RECORDED

    def _submitted_as(self, row: Document, labels: Document) -> tuple[str, str] | None:
        """Return project and id of the execution that somebody's flow run has become, or None.

        A worker submits it under the id of the flow run, and may die before it writes the labels.
        """
        if EXECUTION_LABEL in labels:
            return labels[PROJECT_LABEL], labels[EXECUTION_LABEL]
        asked = self._work.runtime.repositories.idempotency.find_anywhere(row["id"])
        return (asked.project_id, asked.execution_id) if asked else None

    def _mend(self, row: Document, wanted: State) -> list[str]:
        """Say what Prefect should, with what was wrong."""
        said = (row.get("state") or {}).get("name") or row["state_type"]
        message = (
            f"{wanted.message or 'as recorded'} [Prefect said {said}: mended by {name_of(self._work.owner)}]"
        )
        state = State(wanted.kind, message, wanted.name).document()
        if wanted.kind == "SCHEDULED":
            state["state_details"] = {"scheduled_time": self._clock().isoformat()}
        try:
            self._client.post(f"/flow_runs/{row['id']}/set_state", {"state": state, "force": True})
        except NotFoundError:  # somebody has deleted it
            return []
        line = f"Prefect said {said} of {row['name']}, which is {wanted.kind.lower()}: {wanted.message or 'as recorded'}"
        self._work.told(line)
        return [line]

    def _tidy(self, active: set[str], online: set[str]) -> None:
        """Remove the workers and queues of the dead from the pool, as far as Prefect has not seen them lately either.

        Queues in which something is still active stay: Prefect would not know any more in which pool that is.

        Parameters
        ----------
        active : set of str
            The presences of the workers of whose flow runs not all have ended.
        online : set of str
            Names.
        """
        there = {
            kind: [one["name"] for one in self._client.every(f"{self._pool}/{kind}/filter", {})]
            for kind in ("workers", "queues")
        }
        # Only now: whoever is in the pool has been present before.
        needed = {name_of(owner) for owner in self._living() | active} | online
        for kind, names in there.items():
            for name in names:
                if name.startswith(PREFIX) and name not in needed:
                    self._remove(f"{self._pool}/{kind}/{name}")

    def _remove(self, path: str) -> None:
        try:
            self._client.delete(path)
        except NotFoundError:
            return
        logger.info("removed what a dead worker had left: %s", path)


def _owner(row: Document) -> str:
    """Return the presence of the worker that has asked for a flow run; empty: somebody else has, whatever its labels say."""
    labels = row.get("labels") or {}
    ours = {PROJECT_LABEL, EXECUTION_LABEL, LABEL} <= labels.keys() and agreement.has_key(row)
    return str(labels[LABEL]) if ours else ""


def _overtaken(rows: list[Document]) -> set[str]:
    """Return the ids of flow runs that have not begun their stretch: another one was asked for the same later."""
    newest: dict[tuple[str, str, int], Document] = {}
    found: set[str] = set()
    for row in sorted((row for row in rows if _owner(row)), key=lambda row: str(row["created"])):
        labels = row["labels"]
        stretch = labels[PROJECT_LABEL], labels[EXECUTION_LABEL], agreement.stretches_before(row)
        if stretch in newest:
            found.add(newest[stretch]["id"])
        newest[stretch] = row
    return found
