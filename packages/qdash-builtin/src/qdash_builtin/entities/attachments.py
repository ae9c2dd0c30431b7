"""Files of the records of an entity: attached, read and removed."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from secrets import token_hex
from typing import TYPE_CHECKING

from qdash_builtin.entities.accepted_files import NAME, AcceptedFiles
from qdash_builtin.entities.events import record_entity_event
from qdash_builtin.entities.model import Attachment, PluginRecord
from qdash_core.artifacts.pieces import read_pieces
from qdash_core.artifacts.storage_features import remove_files, require_prunable, require_verifiable
from qdash_core.errors import InvalidInputError, NotFoundError, QDashError
from qdash_core.models.attachment import ATTACHMENTS
from qdash_core.models.base import make_later_time
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from qdash_builtin.entities.entity import Entity
    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.models.access import Access
    from qdash_core.models.execution import EventModel
    from qdash_core.repositories.store import Store


class AttachmentService:
    """Files of the records of an entity that accepts some.

    Parameters
    ----------
    store : Store
        Store of the records.
    artifacts : CalibDataSaver
        Storage of the files.
    entity : Entity
        The entity.
    clock : callable
        Returns the present moment in UTC.
    announce : callable
        Notifies people of the event of a change, after the commit.
    """

    def __init__(
        self,
        store: Store,
        artifacts: CalibDataSaver,
        entity: Entity[Any],
        *,
        clock: Callable[[], datetime],
        announce: Callable[[EventModel], None] = lambda _event: None,
    ) -> None:
        self._store = store
        self._artifacts = artifacts
        self._entity = entity
        self._accepted = entity.attachments or AcceptedFiles((), 0, 0)
        self._clock = clock
        self._announce = announce

    def list_by_record(self, access: Access, record_id: str) -> Sequence[Attachment]:
        """Return the files of a record, by name; NotFoundError if there is no such record."""
        with self._store.read() as snapshot:
            return self._require(Repositories(snapshot), access, record_id).attachments

    def add(self, access: Access, record_id: str, name: str, contents: bytes) -> Attachment:
        """Attach a file to a record, in place of one of the same name.

        Raises
        ------
        NotFoundError
            If there is no such record.
        InvalidInputError
            If the name, the media type, the contents, the size or the number of files is not accepted.
        PluginError, StoreError
            If the storage cannot remove files, or the file cannot be written.
        """
        access.require(self._entity.edit_role)
        if not NAME.fullmatch(name):
            raise InvalidInputError(
                f"{name!r} is no name of an attachment: up to 100 letters, digits, '-', '_', '.' and spaces make one"
            )
        media_type = self._accepted.find_media_type(name)
        self._accepted.check_contents(name, media_type, contents)
        require_verifiable(self._artifacts)
        require_prunable(self._artifacts)
        # Before the file is written.
        self._add_to(self.list_by_record(access, record_id), name)
        path = f"{ATTACHMENTS}{access.project_id}/{self._entity.name}/{record_id}/{token_hex(8)}"
        now = self._clock()
        attached = Attachment(
            name=name,
            media_type=media_type,
            size=len(contents),
            sha256=self._artifacts.write(path, BytesIO(contents)),
            path=path,
            username=access.username,
            attached_at=now,
        )
        try:
            self._change(access, record_id, lambda former: self._add_to(former, name, attached))
        except BaseException:
            # The change may have been committed: a file that a record names stays, and so does one if this is not known.
            with suppress(QDashError):
                if attached not in self.list_by_record(access, record_id):
                    remove_files(self._artifacts, [path])
            raise
        return attached

    def open(self, access: Access, record_id: str, name: str) -> tuple[Attachment, Iterator[bytes]]:
        """Return a file of a record and its contents in pieces; NotFoundError if there is none."""
        found = _find(self.list_by_record(access, record_id), name)
        return found, read_pieces(self._artifacts.reading(found.path))

    def delete(self, access: Access, record_id: str, name: str) -> Attachment:
        """Remove and return a file of a record; NotFoundError if there is none."""
        access.require(self._entity.edit_role)

        def remove(former: Sequence[Attachment]) -> list[Attachment]:
            gone = _find(former, name)
            return [one for one in former if one != gone]

        (gone,) = self._change(access, record_id, remove)
        return gone

    def _add_to(
        self, former: Sequence[Attachment], name: str, added: Attachment | None = None
    ) -> list[Attachment]:
        """Return files with a further one by name; raise InvalidInputError if there would be too many."""
        others = [one for one in former if one.name != name]
        if len(others) >= self._accepted.number:
            raise InvalidInputError(
                f"the {self._entity.noun} has {len(others)} files already: delete one before you attach another"
            )
        return sorted([*others, *([added] if added else [])], key=lambda one: one.name)

    def _change(
        self,
        access: Access,
        record_id: str,
        change: Callable[[Sequence[Attachment]], list[Attachment]],
    ) -> list[Attachment]:
        """Change the files of a record, remove those that it no longer has, and return them."""
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            former = self._require(repositories, access, record_id)
            files = change(former.attachments)
            changed_at = make_later_time(former.changed_at, self._clock())
            changed = former.model_copy(update={"attachments": files, "updated_at": changed_at})
            repositories.of(self._entity.repository).put(changed)
            self._entity.rules.record_change(repositories, former, changed)
            event = record_entity_event(
                repositories, access, self._entity, "changed", changed, fields=["attachments"]
            )
        if event is not None:
            self._announce(event)
        gone = [one for one in former.attachments if one not in files]
        remove_files(self._artifacts, [one.path for one in gone])
        return gone

    def _require(self, repositories: Repositories, access: Access, record_id: str) -> PluginRecord:
        found = repositories.of(self._entity.repository).require(access.project_id, record_id)
        assert isinstance(found, PluginRecord)
        return found


def _find(files: Sequence[Attachment], name: str) -> Attachment:
    for one in files:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in files) or "none yet"
    raise NotFoundError(f"there is no attachment {name!r} (attached: {known})")
