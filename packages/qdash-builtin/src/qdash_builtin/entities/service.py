"""Service for the records of an entity."""

from __future__ import annotations

from secrets import token_hex
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from qdash_builtin.entities.events import list_changed_fields, record_entity_event
from qdash_builtin.entities.filters import make_conditions
from qdash_builtin.entities.model import PluginRecord
from qdash_builtin.entities.references import resolve_references
from qdash_core.artifacts.storage_features import remove_files
from qdash_core.errors import ConflictError, InvalidInputError, PluginError, QDashError
from qdash_core.models.base import NotedRecord, Record, refuse_stale
from qdash_core.models.ids import check_id
from qdash_core.process.clock import utc_now
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.schema import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from qdash_builtin.entities.entity import Entity
    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.models.access import Access
    from qdash_core.models.execution import EventModel
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.keyed_repository import KeyedRepository
    from qdash_core.repositories.store import Snapshot, Store

M = TypeVar("M", bound=Record)

LONGEST_TEXT = 2000
"""Maximum number of characters of a field."""


class EntityService(Generic[M]):
    """Records of an entity in one store.

    Parameters
    ----------
    artifacts : CalibDataSaver or None
        Storage of the files of records; None only for entities without files.
    announce : callable
        Notifies people of the event of a change, after the commit.
    """

    def __init__(
        self,
        store: Store,
        entity: Entity[M],
        *,
        clock: Callable[[], datetime] = utc_now,
        artifacts: CalibDataSaver | None = None,
        announce: Callable[[EventModel], None] = lambda _event: None,
    ) -> None:
        self._store = store
        self._entity = entity
        self._clock = clock
        self._artifacts = artifacts
        self._notify = announce

    def list_by_project(self, access: Access) -> list[M]:
        """Return the records of a project."""
        with self._store.read() as snapshot:
            return self._open(snapshot).list_by_project(access.project_id)

    def page(
        self, access: Access, request: PageRequest, *, filters: Mapping[str, Any] = MappingProxyType({})
    ) -> Page[M]:
        """Return a page of the records of a project, all or those with these values of fields; it may be short although it has a `next`.

        Parameters
        ----------
        filters : mapping
            References and filters as interfaces name them, such as `chip_id` and `filled_at_since`.

        Raises
        ------
        InvalidInputError
            If lists have no such filter.
        """
        conditions = make_conditions(self._entity, filters)
        with self._store.read() as snapshot:
            return self._open(snapshot).page(access.project_id, request, **conditions)

    def show(self, access: Access, record_id: str) -> M:
        """Return a record; NotFoundError if there is none."""
        with self._store.read() as snapshot:
            return self._open(snapshot).require(access.project_id, record_id)

    def create(self, access: Access, record_id: str | None = None, **fields: Any) -> M:
        """Create a record.

        Parameters
        ----------
        record_id : str or None
            Its id, or None for one that is assigned.
        **fields
            Fields that users edit.

        Raises
        ------
        InvalidInputError, ConflictError
            If the id or a field is not valid, or the id is taken.
        NotFoundError
            If it refers to an object that does not exist.
        """
        entity = self._entity
        access.require(entity.edit_role)
        if record_id is None and not entity.assigns_ids:
            raise InvalidInputError(f"a new {entity.noun} needs an id: users choose it")
        record_id = token_hex(4) if record_id is None else record_id
        check_id(record_id, entity.noun)
        now = self._clock()
        identity = {
            "project_id": access.project_id,
            entity.key: record_id,
            "created_at": now,
            "updated_at": now,
        }
        if entity.is_of_plugin:
            identity |= {"entity": entity.name, "username": access.username, "with_chip": entity.with_chip}
        _check_lengths(fields)
        made = entity.model.create_validated(fields, entity.editable, **identity)
        with self._store.transaction() as transaction:
            repositories, records = Repositories(transaction), self._open(transaction)
            if records.find(access.project_id, record_id) is not None:
                raise ConflictError(
                    f"{entity.noun} {record_id} exists already in project {access.project_id}"
                )
            made = self._resolve_references(repositories, access, made, None)
            made = self._apply_rules(repositories, made, None, given=fields, now=now)
            records.add(made)
            self._entity.rules.record_change(repositories, None, made)
            event = record_entity_event(repositories, access, entity, "created", made)
        self._announce(event)
        return made

    def edit(
        self,
        access: Access,
        record_id: str,
        *,
        as_of: datetime | None = None,
        event: str = "changed",
        event_data: Mapping[str, Any] = MappingProxyType({}),
        own_fields: Mapping[str, Any] = MappingProxyType({}),
        **fields: Any,
    ) -> M:
        """Change the given fields of a record.

        Parameters
        ----------
        event : str
            Kind of the event of the change, which a feature declares.
        event_data : mapping
            Further data of the event, as JSON, without the names that QDash sets.
        own_fields : mapping
            New values of fields of the model that users do not edit, such as those that only an operation of the plugin changes.
        **fields
            Fields that users edit.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such record, a field or the data of the event are not valid, or no feature declares its kind.
        StaleError
            If it was changed since `as_of`, its `changed_at` when it was read.
        """
        access.require(self._entity.edit_role)
        _check_lengths({**fields, **own_fields})
        with self._store.transaction() as transaction:
            repositories, records = Repositories(transaction), self._open(transaction)
            former = records.require(access.project_id, record_id)
            refuse_stale(f"{self._entity.noun} {record_id}", former.changed_at, as_of)
            now = self._clock()
            given = {**fields, **own_fields}
            possible = {*self._entity.editable, *(own_fields.keys() & self._entity.own_fields)}
            changed = former.with_validated_changes(given, possible, now=now)
            changed = self._resolve_references(repositories, access, changed, former)
            changed = self._apply_rules(repositories, changed, former, given=given, now=now)
            records.put(changed)
            self._entity.rules.record_change(repositories, former, changed)
            recorded = record_entity_event(
                repositories,
                access,
                self._entity,
                event,
                changed,
                fields=list_changed_fields(self._entity, former, changed),
                data=event_data,
            )
        self._announce(recorded)
        return changed

    def delete(
        self, access: Access, record_id: str, *, force: bool = False, as_of: datetime | None = None
    ) -> M:
        """Remove and return a record.

        Raises
        ------
        NotFoundError
            If there is none.
        ConflictError
            If a rule forbids it, or it has a note and `force` is not set.
        StaleError
            If it was changed since `as_of`.
        """
        access.require(self._entity.delete_role)
        with self._store.transaction() as transaction:
            repositories, records = Repositories(transaction), self._open(transaction)
            record = records.require(access.project_id, record_id)
            refuse_stale(f"{self._entity.noun} {record_id}", record.changed_at, as_of)
            self._entity.rules.check_deletion(repositories, record)
            if isinstance(record, NotedRecord) and record.note.content and not force:
                raise ConflictError(
                    f"the note on {self._entity.noun} {record_id} would be lost: give --force to remove both"
                )
            records.remove(record)
            self._entity.rules.record_change(repositories, record, None)
            event = record_entity_event(repositories, access, self._entity, "deleted", record)
        self._announce(event)
        if self._artifacts is not None and isinstance(record, PluginRecord):
            remove_files(self._artifacts, [one.path for one in record.attachments])
        return record

    def _announce(self, event: EventModel | None) -> None:
        if event is not None:
            self._notify(event)

    def _resolve_references(
        self, repositories: Repositories, access: Access, record: M, former: M | None
    ) -> M:
        if not self._entity.references:
            return record
        resolved = resolve_references(repositories, access.project_id, self._entity, record, former)
        return record.model_copy(update=resolved)

    def _apply_rules(self, repositories: Repositories, record: M, former: M | None, **change: Any) -> M:
        """Return what the rules make of a record; PluginError if they fail, or return another record."""
        entity = self._entity
        try:
            made = entity.rules.apply(repositories, record.model_copy(), former, **change)
        except QDashError:
            raise
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"the rules of entity {entity.name} raised {type(error).__name__}: {error}"
            ) from error
        fixed = {*COLLECTIONS[entity.repository.collection].key, "created_at"}
        fixed |= {"username"} if entity.is_of_plugin else set()
        if type(made) is not entity.model or any(
            getattr(made, name) != getattr(record, name) for name in fixed
        ):
            raise PluginError(f"the rules of entity {entity.name} returned another record")
        return made

    def _open(self, scope: Snapshot) -> KeyedRepository[M]:
        return self._entity.repository(scope)


def _check_lengths(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            raise InvalidInputError(f"{name} has {len(value)} characters; {LONGEST_TEXT} are possible")
