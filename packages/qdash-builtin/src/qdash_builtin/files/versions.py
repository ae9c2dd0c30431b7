"""Versions of files: changes that keep the former contents, and the history of a file."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

from qdash_builtin.files.confined_folder import parse_path
from qdash_builtin.files.models.file_version import FileChange, FileVersionModel
from qdash_builtin.files.repository import FileVersionRepository
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError, QDashError, StaleError
from qdash_core.models.execution import EventModel
from qdash_core.parsing.limits import FILE
from qdash_core.process.clock import utc_now
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_builtin.files.roots import RootFolder
    from qdash_core.models.access import Access
    from qdash_core.repositories.store import Store

ANY = "*"
"""Expected checksum that any contents have."""
_MOST_VERSIONS = 1000
_SHORTEST_COMMIT = 7

VersionChange = FileChange | Literal["committed"]


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One version of a file.

    Parameters
    ----------
    version : str
        Number, or name of the commit.
    change : FileChange or str
        Its origin; `committed` for a commit.
    username : str
        Its author, or empty if unknown.
    reason : str
        Reason, or message of the commit.
    sha256, size : str, int, or None
        Checksum and bytes of the contents, or None for a deletion and a commit.
    restored_from : str
        Version that was restored, or empty.
    """

    version: str
    change: VersionChange
    username: str
    reason: str
    at: datetime
    sha256: str | None = None
    size: int | None = None
    restored_from: str = ""

    @classmethod
    def from_model(cls, model: FileVersionModel) -> FileVersion:
        """Return a stored version."""
        deleted = model.change is FileChange.DELETED
        return cls(
            str(model.number),
            model.change,
            model.username,
            model.reason,
            model.created_at,
            None if deleted else model.sha256,
            None if deleted else model.size,
            model.restored_from,
        )


class VersionedFiles:
    """Changes and versions of the files of one root."""

    def __init__(self, root: RootFolder, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._root = root
        self._store = store
        self._clock = clock

    def change(
        self,
        access: Access,
        path: str,
        contents: bytes | None,
        *,
        seen: str | None,
        change: FileChange,
        reason: str,
        restored_from: str = "",
    ) -> FileVersion:
        """Write or delete a file, and keep its former contents and the new ones as versions.

        The former contents are stored before the file is changed, and the new version after: if the process dies in between, the file is whole,
        and the next change records its contents as found.

        Parameters
        ----------
        contents : bytes or None
            Its contents, or None to delete it.
        seen : str or None
            SHA-256 of the contents that the author has seen, None if there was no file, or `*` for any.

        Raises
        ------
        ConflictError
            If there is a file, and `seen` is None.
        StaleError
            If the file was changed since it was seen.
        """
        parts = parse_path(path)
        with self._root.lock():
            former = self._read_present(path)
            _require_seen(f"{self._root.name}:{path}", former, seen)
            if contents is None and former is None:
                raise NotFoundError(f"there is no file {self._root.name}:{path}")
            if former is not None:
                self._record_found(path, former)
                # The store may take long: what another program has written meanwhile is no version yet.
                _require_seen(
                    f"{self._root.name}:{path}", self._read_present(path), sha256(former).hexdigest()
                )
            if contents is None:
                self._root.files.remove(parts)
            else:
                self._root.files.write(parts, contents)
            try:
                fields = {"username": access.username, "reason": reason, "restored_from": restored_from}
                return FileVersion.from_model(self._record(access, path, contents, change, fields))
            except QDashError:
                # The change is not acknowledged: put the former contents back, unless another program has changed the file since.
                if self._read_present(path) == contents:
                    if former is None:
                        self._root.files.remove(parts)
                    else:
                        self._root.files.write(parts, former)
                raise

    def list_versions(self, path: str) -> list[FileVersion]:
        """Return the newest versions of a file, newest first; in a git work tree with the commits that changed it."""
        parse_path(path)
        with self._store.read() as snapshot:
            stored = (
                Repositories(snapshot)
                .of(FileVersionRepository)
                .list_by_file(self._root.name, path, limit=_MOST_VERSIONS)
            )
        versions = [FileVersion.from_model(one) for one in stored]
        if self._root.is_git:
            versions += [
                FileVersion(one.commit, "committed", one.author, one.message, one.at)
                for one in self._root.open_work_tree().list_commits(path, limit=_MOST_VERSIONS)
            ]
            # git keeps full seconds: a commit follows the version that it contains.
            versions.sort(
                key=lambda one: (one.at.replace(microsecond=0), one.change == "committed"), reverse=True
            )
        return versions

    def read_version(self, path: str, version: str) -> bytes | None:
        """Return the contents of a version, named by its number or at least 7 characters of its commit, or None for a deletion.

        Raises
        ------
        NotFoundError
            If there is no such version.
        """
        parse_path(path)
        if version.isdecimal() and len(version) < _SHORTEST_COMMIT:
            with self._store.read() as snapshot:
                found = (
                    Repositories(snapshot).of(FileVersionRepository).find(self._root.name, path, int(version))
                )
            if found is not None:
                return found.unpack()
        elif self._root.is_git and len(version) >= _SHORTEST_COMMIT:
            tree = self._root.open_work_tree()
            commits = [one.commit for one in tree.list_commits(path, limit=_MOST_VERSIONS)]
            matching = [one for one in commits if one.startswith(version)]
            if len(matching) == 1:
                return tree.read(path, matching[0])
        raise NotFoundError(
            f"{self._root.name}:{path} has no version {version[:80]!r}: its history names the versions"
        )

    def _read_present(self, path: str) -> bytes | None:
        """Return the present contents, or None if there is no file; InvalidInputError if they are too large to be kept."""
        parts = parse_path(path)
        entry = self._root.files.find(parts)
        if entry is None:
            return None
        if entry.size is not None and entry.size > FILE.size:
            raise InvalidInputError(
                f"{self._root.name}:{path} has {entry.size} bytes: QDash changes files of at most {FILE.size} bytes, whose former "
                "contents it keeps"
            )
        return self._root.files.read(parts, most=FILE.size)

    def _record_found(self, path: str, contents: bytes) -> None:
        """Store contents that are not those of the newest version."""
        with self._store.transaction() as transaction:
            versions = Repositories(transaction).of(FileVersionRepository)
            newest = versions.find_newest(self._root.name, path)
            if newest is None or newest.sha256 != sha256(contents).hexdigest():
                versions.insert(self._make(newest, path, contents, FileChange.FOUND, {}))

    def _record(
        self,
        access: Access,
        path: str,
        contents: bytes | None,
        change: FileChange,
        fields: dict[str, Any],
    ) -> FileVersionModel:
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            newest = repositories.of(FileVersionRepository).find_newest(self._root.name, path)
            version = self._make(newest, path, contents, change, fields)
            repositories.of(FileVersionRepository).insert(version)
            data = {
                "root": self._root.name,
                "path": path,
                "version": str(version.number),
                "change": str(change),
                "username": access.username,
            }
            # Members of other projects, of `default` too, do not learn of files that are not for them.
            for project_id in self._root.options.projects:
                if repositories.of(ProjectRepository).find(project_id) is not None:
                    repositories.of(EventRepository).append(
                        EventModel(project_id=project_id, kind="file.changed", data=data)
                    )
        return version

    def _make(
        self,
        newest: FileVersionModel | None,
        path: str,
        contents: bytes | None,
        change: FileChange,
        fields: dict[str, Any],
    ) -> FileVersionModel:
        now = self._clock()
        return FileVersionModel.pack(
            contents,
            root=self._root.name,
            path=path,
            number=1 if newest is None else newest.number + 1,
            change=change,
            created_at=now,
            updated_at=now,
            **fields,
        )


def _require_seen(what: str, former: bytes | None, seen: str | None) -> None:
    """Raise an error unless the present contents are those that the author has seen."""
    if seen == ANY:
        return
    if seen is None:
        if former is not None:
            raise ConflictError(
                f"{what} is there already: read it, and name its checksum (If-Match), or overwrite it (If-Match: *, --force)"
            )
        return
    if former is None or sha256(former).hexdigest() != seen:
        raise StaleError(f"{what} was changed since it was read: read it again, and decide")
