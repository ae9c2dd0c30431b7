"""Files of records: attached, read and removed."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from qdash_builtin.attachments.model import Attachment
from qdash_builtin.attachments.pictures import FORMATS, make_thumbnail
from qdash_core.artifacts.pieces import read_pieces
from qdash_core.artifacts.storage_features import remove_files, require_prunable, require_verifiable
from qdash_core.errors import InvalidInputError, NotFoundError, QDashError
from qdash_core.models.attachment import make_attachment_path
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from qdash_builtin.attachments.accepted_files import AcceptedFiles
    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.models.access import Access
    from qdash_core.models.execution import EventModel
    from qdash_core.models.project import ProjectRole
    from qdash_core.repositories.store import Store

K = TypeVar("K")
"""Name of a record: its id, or the place of a note."""
K_contra = TypeVar("K_contra", contravariant=True)


class FileHolders(Protocol[K_contra]):
    """Kind of record that has files.

    Attributes
    ----------
    noun : str
        Noun for one record.
    accepted : AcceptedFiles
        Its files.
    edit_role : ProjectRole
        Role that may attach and remove files.
    """

    @property
    def noun(self) -> str: ...

    @property
    def accepted(self) -> AcceptedFiles: ...

    @property
    def edit_role(self) -> ProjectRole: ...

    def make_folder(self, key: K_contra) -> str:
        """Return the folder of the files of a record, relative to that of its project. Ids of records are valid parts of paths."""

    def load(self, repositories: Repositories, access: Access, key: K_contra) -> Sequence[Attachment]:
        """Return the files of a record, by name; NotFoundError if there is no such record."""

    def save(
        self, repositories: Repositories, access: Access, key: K_contra, files: list[Attachment]
    ) -> EventModel | None:
        """Store the changed files of a record in a transaction; return the event to announce after the commit, if there is one."""


class AttachmentService(Generic[K]):
    """Files of the records of one kind.

    A file is written before the record that names it, and removed after the last one: a record never lacks its file. `qdash store prune`
    removes a file that a killed process has left without a record. `announce` notifies people of the event of a change, after the commit.
    """

    def __init__(
        self,
        store: Store,
        artifacts: CalibDataSaver,
        holders: FileHolders[K],
        *,
        clock: Callable[[], datetime],
        announce: Callable[[EventModel], None] = lambda _event: None,
    ) -> None:
        self._store = store
        self._artifacts = artifacts
        self._holders = holders
        self._clock = clock
        self._announce = announce

    def list_by_record(self, access: Access, key: K) -> Sequence[Attachment]:
        """Return the files of a record, by name; NotFoundError if there is no such record."""
        with self._store.read() as snapshot:
            return self._holders.load(Repositories(snapshot), access, key)

    def add(self, access: Access, key: K, name: str, contents: bytes) -> Attachment:
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
        access.require(self._holders.edit_role)
        self._holders.accepted.check(name, contents)
        # Before the picture is decoded and the file is written.
        self._add_to(self.list_by_record(access, key), name)
        media_type, contents = self._holders.accepted.prepare(name, contents)
        require_verifiable(self._artifacts)
        require_prunable(self._artifacts)
        now = self._clock()
        path = make_attachment_path(access.project_id, self._holders.make_folder(key), now)
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
            self._change(access, key, lambda former: self._add_to(former, name, attached))
        except BaseException:
            # The change may have been committed: a file that a record names stays, and so does one if this is not known.
            with suppress(QDashError):
                if attached not in self.list_by_record(access, key):
                    remove_files(self._artifacts, [path])
            raise
        return attached

    def show(self, access: Access, key: K, name: str) -> Attachment:
        """Return a file of a record without its contents; NotFoundError if there is none."""
        return _find(self.list_by_record(access, key), name)

    def open(self, access: Access, key: K, name: str) -> tuple[Attachment, Iterator[bytes]]:
        """Return a file of a record and its contents in pieces; NotFoundError if there is none."""
        found = self.show(access, key, name)
        return found, read_pieces(self._artifacts.reading(found.path))

    def make_thumbnail(self, access: Access, key: K, name: str) -> bytes:
        """Return the thumbnail of a picture as WebP; NotFoundError if there is no such file, or it is not a picture."""
        found, contents = self.open(access, key, name)
        if found.media_type not in FORMATS:
            raise NotFoundError(f"{found.name} is not a picture: it has no thumbnail")
        return make_thumbnail(found.name, b"".join(contents), found.media_type)

    def delete(self, access: Access, key: K, name: str) -> Attachment:
        """Remove and return a file of a record; NotFoundError if there is none."""
        access.require(self._holders.edit_role)

        def remove(former: Sequence[Attachment]) -> list[Attachment]:
            gone = _find(former, name)
            return [one for one in former if one != gone]

        (gone,) = self._change(access, key, remove)
        return gone

    def _add_to(
        self, former: Sequence[Attachment], name: str, added: Attachment | None = None
    ) -> list[Attachment]:
        """Return files with a further one by name; raise InvalidInputError if there would be too many."""
        others = [one for one in former if one.name != name]
        if len(others) >= self._holders.accepted.number:
            raise InvalidInputError(
                f"the {self._holders.noun} already has {len(others)} files: delete one before you attach another"
            )
        return sorted([*others, *([added] if added else [])], key=lambda one: one.name)

    def _change(
        self, access: Access, key: K, change: Callable[[Sequence[Attachment]], list[Attachment]]
    ) -> list[Attachment]:
        """Change the files of a record, remove those that it no longer has, and return them."""
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            former = self._holders.load(repositories, access, key)
            files = change(former)
            event = self._holders.save(repositories, access, key, files)
        if event is not None:
            self._announce(event)
        gone = [one for one in former if one not in files]
        remove_files(self._artifacts, [one.path for one in gone])
        return gone


def _find(files: Sequence[Attachment], name: str) -> Attachment:
    for one in files:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in files) or "none yet"
    raise NotFoundError(f"there is no attachment {name!r} (attached: {known})")
