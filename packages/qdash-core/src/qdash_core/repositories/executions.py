"""Repositories of executions, instrument locks, calibration notes and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.errors import IllegalTransitionError, InvalidInputError, LockedError, NotFoundError
from qdash_core.models.event_kinds import list_event_kinds
from qdash_core.models.execution import (
    EXECUTION_TRANSITIONS,
    CalibrationNoteMark,
    CalibrationNoteModel,
    EventModel,
    ExecutionCounterModel,
    ExecutionLockModel,
    ExecutionModel,
    ExecutionStatus,
)
from qdash_core.models.pages import Page
from qdash_core.repositories.base import NumberedRepository, Repository
from qdash_core.repositories.documents import to_stored_form
from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from qdash_core.features.declarations import EventKind
    from qdash_core.models.access import Access
    from qdash_core.models.claims import Claim
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.process_marks import LockHold
    from qdash_core.repositories.repositories import Repositories


class ExecutionRepository(Repository[ExecutionModel]):
    """Executions by project and id."""

    collection = "execution_history"
    model = ExecutionModel

    def find(self, project_id: str, execution_id: str) -> ExecutionModel | None:
        """Return the execution, or None."""
        return self._get((project_id, execution_id))

    def require(self, project_id: str, execution_id: str) -> ExecutionModel:
        """Return the execution; NotFoundError if there is none."""
        execution = self.find(project_id, execution_id)
        if execution is None:
            raise NotFoundError(f"there is no execution {execution_id!r} in project {project_id}")
        return execution

    def get_many(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], ExecutionModel]:
        """Return the existing executions among these keys of project and id, by key."""
        if not keys:
            return {}
        projects, ids = (tuple(dict.fromkeys(part)) for part in zip(*keys, strict=True))
        found = self.select({"project_id": OneOf(projects), "execution_id": OneOf(ids)})
        by_key = {(one.project_id, one.execution_id): one for one in found}
        return {key: one for key, one in by_key.items() if key in keys}

    def add(self, execution: ExecutionModel) -> None:
        """Add a new execution; ConflictError when the id is taken in its project."""
        self._insert(execution)

    def replace(self, execution: ExecutionModel, *, was: ExecutionStatus) -> None:
        """Update an execution whose stored state is still `was`.

        Raises
        ------
        IllegalTransitionError
            If the transition is not legal, or the stored state is no longer `was`.
        """
        if execution.status is not was and execution.status not in EXECUTION_TRANSITIONS.get(was, ()):
            raise IllegalTransitionError(_describe_conflict(execution, str(was)))
        with self._open_transaction() as transaction:
            if transaction.compare_and_set(self.collection, {"status": was}, execution.to_document()):
                return
            found = transaction.get(self.collection, (execution.project_id, execution.execution_id))
        raise IllegalTransitionError(
            _describe_conflict(execution, "not there" if found is None else found["status"])
        )

    def list_by_status(self, project_id: str, status: ExecutionStatus) -> list[ExecutionModel]:
        """Return the executions of a project in a state."""
        return self.select({"project_id": project_id, "status": status})

    def list_by_flow_run(self, project_id: str, flow_run_id: str) -> list[ExecutionModel]:
        """Return the executions of one flow run, in the order of creation.

        `flow_run_id` may also be the flow run in which a runner's service performed the last attempt of an execution,
        or one that a user's own program called in it.
        """
        found = self.select({"project_id": project_id, "flow_run_id": flow_run_id})
        if not found:
            found = self.select({"project_id": project_id, "brought_as": flow_run_id})
            of_all = next((one.flow_run_id for one in found if one.request is not None), None)
            if of_all is not None:
                found = self.select({"project_id": project_id, "flow_run_id": of_all})
        return sorted(found, key=lambda execution: execution.created_at)


def _describe_conflict(execution: ExecutionModel, found: str) -> str:
    return f"execution {execution.execution_id} is {found} and cannot become {execution.status}"


class ExecutionCounterRepository(Repository[ExecutionCounterModel]):
    """Counters for execution ids."""

    collection = "execution_counter"
    model = ExecutionCounterModel

    def get_next_index(self, project_id: str, date: str, *, username: str = "", chip_id: str = "") -> int:
        """Return the next execution number of a project on a date, counting from 0."""
        first = ExecutionCounterModel(project_id=project_id, date=date, username=username, chip_id=chip_id)
        with self._open_transaction() as transaction:
            return transaction.increment(
                self.collection, (project_id, date), "index", initial=first.to_document()
            )


class ExecutionLockRepository(Repository[ExecutionLockModel]):
    """Instrument locks across all projects. Those of one instrument hold different parts of it."""

    collection = "execution_lock"
    model = ExecutionLockModel

    def list_by_project(self, project_id: str) -> list[ExecutionLockModel]:
        """Return the locks held by runs of a project."""
        return self._find_in_order({"project_id": project_id})

    def get_held_by(self, hold: LockHold) -> ExecutionLockModel | None:
        """Return the lock if its owner still holds it, else None."""
        return self._get((hold.instrument, hold.owner))

    def list_by_instruments(self, instruments: Collection[str]) -> list[ExecutionLockModel]:
        """Return the locks on these instruments."""
        return self._find_in_order({"instrument": OneOf(tuple(instruments))}) if instruments else []

    def list_all(self) -> list[ExecutionLockModel]:
        """Return every lock of the store."""
        return self._find_in_order({})

    def _find_in_order(self, where: Mapping[str, Any]) -> list[ExecutionLockModel]:
        """Return locks by instrument, those of one instrument in the order of their acquisition."""
        return sorted(self.select(where), key=lambda one: (one.instrument, one.acquired_at, one.owner))

    def list_conflicting(self, claim: Claim) -> list[ExecutionLockModel]:
        """Return the locks that exclude a run with a claim, those of its instrument first."""
        of_project = self.list_by_project(claim.project_id)
        others = [other for other in of_project if other.instrument != claim.instrument]
        found = [*self.list_by_instruments([claim.instrument]), *others]
        return [one for one in found if one.claim.excludes(claim)]

    def require(self, hold: LockHold) -> None:
        """Raise LockedError unless the lock is still held: otherwise another run may be using the instrument."""
        with self._open_snapshot() as snapshot:
            lock = snapshot.get(self.collection, (hold.instrument, hold.owner))
        if lock is None:
            raise LockedError(
                f"the lock on instrument {hold.instrument} was lost: another user released it or took it over, and this "
                "run may not write any more"
            )

    def put(self, lock: ExecutionLockModel) -> None:
        """Write a lock whether or not it is held; check it first in the same transaction."""
        self._put(lock)

    def extend(self, lock: ExecutionLockModel) -> bool:
        """Renew a lock if its owner still holds it; return whether that is so."""
        with self._open_transaction() as transaction:
            return transaction.compare_and_set(self.collection, {"owner": lock.owner}, lock.to_document())

    def remove(self, hold: LockHold) -> bool:
        """Remove a lock if its owner still holds it; return whether that is so."""
        where = {"instrument": hold.instrument, "owner": hold.owner}
        with self._open_transaction() as transaction:
            return transaction.delete(self.collection, where) > 0


class CalibrationNoteRepository(Repository[CalibrationNoteModel]):
    """Calibration notes."""

    collection = "calibration_note"
    model = CalibrationNoteModel

    def put(self, note: CalibrationNoteModel) -> None:
        """Store a note."""
        self._put(note)

    def find(
        self, project_id: str, chip_id: str, execution_id: str, task_id: str
    ) -> CalibrationNoteModel | None:
        """Return the note after a task of a run, or after the run if no task is given, or None if there is none."""
        return self._get((project_id, chip_id, execution_id, task_id))

    def page(self, project_id: str, chip_id: str, request: PageRequest) -> Page[CalibrationNoteMark]:
        """Return a page of the marks of a chip's notes, newest first."""
        found = self.select_as(
            CalibrationNoteMark,
            {"project_id": project_id, "chip_id": chip_id},
            order=("-timestamp",),
            limit=request.limit + 1,
            after=request.place(5),
            without=("note",),
        )
        return Page.from_items(
            found,
            request,
            lambda one: (to_stored_form(one.timestamp), project_id, chip_id, one.execution_id, one.task_id),
        )

    def get_latest(
        self, project_id: str, chip_id: str, *, until: datetime | None = None
    ) -> CalibrationNoteModel | None:
        """Return the newest note of a chip, or the newest one up to a time, or None."""
        where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id}
        if until is not None:
            where["timestamp"] = Range(most=to_stored_form(until))
        found = self.select(where, order=("-timestamp",), limit=1)
        return found[0] if found else None

    def remove(self, project_id: str, mark: CalibrationNoteMark) -> None:
        """Remove a note."""
        with self._open_transaction() as transaction:
            where = {"project_id": project_id, "chip_id": mark.chip_id, "execution_id": mark.execution_id}
            transaction.delete(self.collection, {**where, "task_id": mark.task_id})

    def find_latest_time(self, project_id: str, chip_id: str) -> datetime | None:
        """Return the time of the newest note of a chip without reading the note, or None."""
        found = self.select_as(
            CalibrationNoteMark,
            {"project_id": project_id, "chip_id": chip_id},
            order=("-timestamp",),
            limit=1,
            without=("note",),
        )
        return found[0].timestamp if found else None


class EventRepository(NumberedRepository[EventModel]):
    """Events in the order of their commits."""

    collection = "event"
    model = EventModel

    def append(self, event: EventModel) -> int:
        """Add an event and return its number."""
        with self._open_transaction() as transaction:
            return transaction.append(self.collection, event.to_document())

    def list_since(self, project_id: str, seq: int, *, limit: int = 1000) -> list[EventModel]:
        """Return the events after number `seq`, in order."""
        return self.select({"project_id": project_id, "seq": Range(above=seq)}, order=("seq",), limit=limit)

    def list_after(self, seq: int, *, limit: int = 1000) -> list[EventModel]:
        """Return the events of every project after number `seq`, in order."""
        return self.select({"seq": Range(above=seq)}, order=("seq",), limit=limit)

    def list_before(
        self, project_id: str, seq: int | None, *, above: int = 0, limit: int
    ) -> list[EventModel]:
        """Return the events before number `seq`, or the last ones if None, and after number `above`, newest first."""
        where = {"project_id": project_id, "seq": Range(above=above, below=seq)}
        return self.select(where, order=("-seq",), limit=limit)

    def get_last_seq(self, project_id: str | None = None) -> int:
        """Return the number of the newest event of a project, or of all projects if None; 0 if there is none."""
        where = {} if project_id is None else {"project_id": project_id}
        newest = self.select(where, order=("-seq",), limit=1)
        return newest[0].seq if newest else 0

    def get_first_seq(self, project_id: str) -> int | None:
        """Return the number of the oldest stored event of a project, or None."""
        oldest = self.select({"project_id": project_id}, order=("seq",), limit=1)
        return oldest[0].seq if oldest else None


def require_event_kind(name: str) -> None:
    """Raise InvalidInputError if no feature declares a kind of event."""
    if name not in list_event_kinds():
        raise InvalidInputError(f"{name!r} is not a kind of event: declare it in the `events` of a Feature")


def record_event(
    repositories: Repositories,
    access: Access,
    kind: EventKind,
    /,
    *,
    chip_id: str = "",
    execution_id: str = "",
    task_id: str = "",
    **data: Any,
) -> EventModel:
    """Record an event of a feature in the transaction of the change, and return it; after the commit `QDash.announce` may notify people.

    An empty subject is none. `data` is JSON; the user is added as `username`.

    Raises
    ------
    InvalidInputError
        If no feature declares the kind, or the data have `username`.
    """
    require_event_kind(kind.name)
    if "username" in data:
        raise InvalidInputError("QDash sets 'username' in the data of an event: give it another name")
    subject = {"chip_id": chip_id, "execution_id": execution_id, "task_id": task_id}
    return append_event(repositories, access, kind.name, data, **subject)


def append_event(
    repositories: Repositories, access: Access, kind: str, data: Mapping[str, Any], **subject: str
) -> EventModel:
    """Append an event by a user to those of the project, and return it; `subject` are its ids, such as `chip_id`."""
    event = EventModel(
        project_id=access.project_id, kind=kind, data={"username": access.username, **data}, **subject
    )
    repositories.of(EventRepository).append(event)
    return event
