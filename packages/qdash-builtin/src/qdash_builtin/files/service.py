"""Service for files: browse, preview, edit with history, and git."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO

from qdash_builtin.files.confined_folder import parse_path
from qdash_builtin.files.differences import make_difference
from qdash_builtin.files.models.file_root import EXECUTIONS
from qdash_builtin.files.models.file_version import FileChange
from qdash_builtin.files.preview import Preview, make_preview
from qdash_builtin.files.roots import FileRoots, RootFolder
from qdash_builtin.files.validation import CheckedFile, check_file
from qdash_builtin.files.versions import ANY, FileVersion, VersionedFiles
from qdash_core.access.checks import require_administrator
from qdash_core.artifacts.pieces import read_pieces
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.pages import Page, PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.parsing.limits import FILE
from qdash_core.parsing.text_error import TextError
from qdash_core.process.clock import utc_now
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from qdash_builtin.files.confined_folder import EntryKind
    from qdash_builtin.files.execution_files import ExecutionFiles
    from qdash_builtin.files.git.checkout import FolderUpdate
    from qdash_builtin.files.git.work_tree import WorkTreeStatus
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.access import Access
    from qdash_core.repositories.store import Store
    from qdash_core.settings import Settings

PRESENT = "present"
"""Name of the present contents of a file in comparisons of versions."""
LONGEST_REASON = 1000
_LARGEST_PREVIEW = 256 * 2**20
"""Largest file of an execution whose preview is made, in bytes."""


@dataclass(frozen=True, slots=True)
class RootSummary:
    """A root as its users see it: available if its folder is there, writable if the caller may change files."""

    name: str
    is_git: bool
    has_remote: bool
    is_writable: bool
    is_available: bool


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file or folder in a list.

    Parameters
    ----------
    path : str
        Its path below the root.
    kind : str
        `file`, `folder`, or `other` for links and devices, which are not opened.
    size : int or None
        Bytes of a file, or None if unknown.
    changed_at : datetime or None
        Time of its last change, or None if unknown.
    """

    path: str
    kind: EntryKind
    size: int | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """Contents of a file.

    Parameters
    ----------
    sha256 : str or None
        Checksum of the contents, or None for a file that is too large to be changed.
    pieces : iterator of bytes
        The contents, to be read once.
    """

    name: str
    sha256: str | None
    pieces: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class PreviewedFile:
    """Preview of a file.

    Parameters
    ----------
    size : int
        Bytes of the file.
    sha256 : str or None
        Checksum of the contents, or None for a file that is too large to be changed.
    """

    path: str
    size: int
    sha256: str | None
    is_writable: bool
    preview: Preview


class FileService:
    """Files below the roots of the settings, and those of executions.

    Every method raises NotFoundError for a root that is not for the caller, and InvalidInputError for a path that leaves its root.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        *,
        executions: Callable[[], ExecutionFiles],
        registry: Registry,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._roots = FileRoots(settings)
        self._store = store
        self._executions = executions
        self._registry = registry
        self._clock = clock

    def list_roots(self, access: Access) -> list[RootSummary]:
        """Return the roots that the caller may use, the built-in one last."""
        is_editor = access.role.includes(ProjectRole.EDITOR)
        return [
            *(
                RootSummary(
                    one.name,
                    is_git=one.is_git,
                    has_remote=one.options.remote_url is not None,
                    is_writable=is_editor,
                    is_available=one.is_available,
                )
                for one in self._roots.list_visible(access)
            ),
            RootSummary(EXECUTIONS, is_git=False, has_remote=False, is_writable=False, is_available=True),
        ]

    def list_files(self, access: Access, root: str, path: str, request: PageRequest) -> Page[ListedFile]:
        """Return a page of a folder, folders first; of executions, the newest first.

        Raises
        ------
        NotFoundError
            If there is no such folder.
        """
        parts = parse_path(path)
        if root == EXECUTIONS:
            page = self._executions().list_entries(access, parts, request)
            return Page(
                [
                    ListedFile("/".join((*parts, one.name)), one.kind, None, one.changed_at)
                    for one in page.items
                ],
                page.next,
            )
        listing = self._roots.require(access, root).files.list(parts)
        found = [
            ListedFile(
                "/".join((*parts, one.name)),
                one.kind,
                one.size,
                datetime.fromtimestamp(one.changed_ns / 1e9, UTC),
            )
            for one in listing.entries
        ]
        return Page.from_all_items(found, request, lambda one: (int(one.kind != "folder"), one.path))

    def preview(self, access: Access, root: str, path: str) -> PreviewedFile:
        """Return the preview of a file.

        Raises
        ------
        NotFoundError
            If there is no such file.
        """
        parts = parse_path(path)
        if root == EXECUTIONS:
            with TemporaryFile() as file:
                size = _copy(self._executions().open(access, parts), file, f"{root}:{path}")
                return PreviewedFile(
                    path, size, None, is_writable=False, preview=make_preview(parts[-1], file, size)
                )
        with self._roots.require(access, root).files.open(parts) as file:
            contents = file.read(FILE.size + 1)
            if is_small := len(contents) <= FILE.size:
                # The checksum is that of the contents that are shown, also if another program changes the file meanwhile.
                size, preview = len(contents), make_preview(parts[-1], BytesIO(contents), len(contents))
            else:
                size = file.seek(0, 2)
                file.seek(0)
                preview = make_preview(parts[-1], file, size)
        checksum = sha256(contents).hexdigest() if is_small else None
        is_writable = access.role.includes(ProjectRole.EDITOR) and checksum is not None
        return PreviewedFile(path, size, checksum, is_writable, preview)

    def open(self, access: Access, root: str, path: str, *, version: str | None = None) -> OpenedFile:
        """Return the contents of a file, or of one of its versions.

        Raises
        ------
        NotFoundError
            If there is no such file or version, or the version is a deletion.
        """
        parts = parse_path(path)
        if not parts:
            raise InvalidInputError(f"{root}: name a file")
        if root == EXECUTIONS:
            _refuse_version(version)
            return OpenedFile(parts[-1], None, self._executions().open(access, parts))
        folder = self._roots.require(access, root)
        if version is not None:
            contents = self._open_versions(folder).read_version(path, version)
            if contents is None:
                raise NotFoundError(f"{root}:{path} was deleted in version {version}")
            return OpenedFile(parts[-1], sha256(contents).hexdigest(), iter([contents]))
        if folder.files.stat(parts).st_size > FILE.size:
            return OpenedFile(parts[-1], None, read_pieces(folder.files.open(parts)))
        contents = folder.files.read(parts, most=FILE.size)
        return OpenedFile(parts[-1], sha256(contents).hexdigest(), iter([contents]))

    def check(self, access: Access, root: str, path: str, contents: bytes) -> CheckedFile:
        """Validate contents by the format of a file, without writing them."""
        self._require_folder(access, root)
        parse_path(path)
        _require_size(contents)
        return self._check_file(path, contents)

    def write(
        self,
        access: Access,
        root: str,
        path: str,
        contents: bytes,
        *,
        seen: str | None = None,
        reason: str = "",
    ) -> FileVersion:
        """Write a file, new or existing, and return its new version.

        Parameters
        ----------
        access : Access
            The caller, an editor, who becomes the author of the version.
        seen : str or None
            SHA-256 of the contents that the caller has seen, None for a new file, or `*` for any contents.

        Raises
        ------
        AccessDeniedError
            If the caller is no editor.
        InvalidInputError
            If the contents violate their format; the message names line and column, which a `TextError` has. Also if the file is too large.
        ConflictError
            If there is a file, and `seen` is None.
        StaleError
            If the file was changed since it was seen.
        """
        access.require(ProjectRole.EDITOR)
        folder = self._require_folder(access, root)
        _require_reason(reason)
        _require_size(contents)
        problem = self._check_file(path, contents).problem
        if problem is not None:
            place = "".join(
                f", {what} {number}"
                for what, number in (("line", problem.line), ("column", problem.column))
                if number is not None
            )
            raise TextError(
                f"{root}:{path}{place}: {problem.message}", line=problem.line, column=problem.column
            )
        return self._open_versions(folder).change(
            access, path, contents, seen=seen, change=FileChange.WRITTEN, reason=reason
        )

    def delete(
        self, access: Access, root: str, path: str, *, seen: str = ANY, reason: str = ""
    ) -> FileVersion:
        """Delete a file; its contents stay as a version. For parameters and errors see `write`."""
        access.require(ProjectRole.EDITOR)
        folder = self._require_folder(access, root)
        _require_reason(reason)
        return self._open_versions(folder).change(
            access, path, None, seen=seen, change=FileChange.DELETED, reason=reason
        )

    def restore(
        self,
        access: Access,
        root: str,
        path: str,
        version: str,
        *,
        seen: str | None = ANY,
        reason: str = "",
    ) -> FileVersion:
        """Write the contents of a former version as a new version, or delete the file if it was a deletion. For parameters and errors see `write`."""
        access.require(ProjectRole.EDITOR)
        folder = self._require_folder(access, root)
        _require_reason(reason)
        versions = self._open_versions(folder)
        contents = versions.read_version(path, version)
        _require_size(contents or b"")
        change = FileChange.DELETED if contents is None else FileChange.RESTORED
        return versions.change(
            access, path, contents, seen=seen, change=change, reason=reason, restored_from=version
        )

    def list_versions(self, access: Access, root: str, path: str, request: PageRequest) -> Page[FileVersion]:
        """Return a page of the versions of a file, even if it was deleted, newest first; in a git work tree with the commits that changed it."""
        found = self._open_versions(self._require_folder(access, root)).list_versions(path)
        if not found and self._roots.require(access, root).files.find(parse_path(path)) is None:
            raise NotFoundError(f"there is no file {root}:{path}")
        places = {one.version: (number,) for number, one in enumerate(found)}
        return Page.from_all_items(found, request, lambda one: places[one.version])

    def compare(self, access: Access, root: str, path: str, before: str, after: str = PRESENT) -> str:
        """Return the differences between two versions of a text file in the unified format; empty if they are equal.

        Parameters
        ----------
        before, after : str
            A version, or `present` for the present contents.

        Raises
        ------
        NotFoundError
            If there is no such version.
        InvalidInputError
            If one is not text, or too long.
        """
        folder = self._require_folder(access, root)
        first, second = (self._read(folder, path, one) for one in (before, after))
        return make_difference(first, second, names=(f"{path} ({before})", f"{path} ({after})"))

    def get_status(self, access: Access, root: str) -> WorkTreeStatus:
        """Return the state of a git work tree; InvalidInputError if the root is none."""
        return self._require_folder(access, root).open_work_tree().get_status()

    def commit(self, access: Access, root: str, *, reason: str, paths: Collection[str] = ()) -> FolderUpdate:
        """Commit changed files of a git work tree in the name of the caller.

        Parameters
        ----------
        reason : str
            Message of the commit.
        paths : collection of str
            The files, or none for every changed one.

        Raises
        ------
        AccessDeniedError
            If the caller is no editor.
        InvalidInputError
            If the root is no git work tree, the reason is empty, or a file is unchanged or too large.
        """
        access.require(ProjectRole.EDITOR)
        folder = self._require_folder(access, root)
        _require_reason(reason)
        if not reason.strip():
            raise InvalidInputError("a commit needs a reason, which becomes its message")
        for path in paths:
            parse_path(path)
        with folder.lock():
            return folder.open_work_tree().commit(paths, message=reason, author=access.username)

    def pull(self, access: Access, root: str) -> FolderUpdate:
        """Update a git work tree from its remote; both sides are merged if no file was changed on both.

        Raises
        ------
        AccessDeniedError
            If the caller does not administer the store.
        InvalidInputError
            If the root has no remote or is no git work tree on its branch.
        ConflictError
            If a file was changed on both sides. Nothing was changed.
        BackendError
            If the remote cannot be reached or refuses the credentials.
        """
        folder = self._require_folder_of_administrator(access, root)
        with folder.lock():
            return folder.open_work_tree().pull(author=access.username)

    def push(self, access: Access, root: str) -> FolderUpdate:
        """Push the commits of a git work tree to its remote, never forced. For parameters and errors see `pull`."""
        folder = self._require_folder_of_administrator(access, root)
        with folder.lock():
            return folder.open_work_tree().push()

    def _check_file(self, path: str, contents: bytes) -> CheckedFile:
        return check_file(path, contents, formats=self._registry.formats().values())

    def _require_folder(self, access: Access, root: str) -> RootFolder:
        if root == EXECUTIONS:
            raise InvalidInputError(f"root {EXECUTIONS} is read-only, without versions")
        return self._roots.require(access, root)

    def _require_folder_of_administrator(self, access: Access, root: str) -> RootFolder:
        access.require(ProjectRole.EDITOR)
        folder = self._require_folder(access, root)
        with self._store.read() as snapshot:
            require_administrator(Repositories(snapshot), access.username)
        return folder

    def _open_versions(self, folder: RootFolder) -> VersionedFiles:
        return VersionedFiles(folder, self._store, clock=self._clock)

    def _read(self, folder: RootFolder, path: str, version: str) -> bytes | None:
        if version != PRESENT:
            return self._open_versions(folder).read_version(path, version)
        parts = parse_path(path)
        return None if folder.files.find(parts) is None else folder.files.read(parts, most=FILE.size)


def _require_size(contents: bytes) -> None:
    if len(contents) > FILE.size:
        raise InvalidInputError(f"a file of {len(contents)} bytes: QDash writes at most {FILE.size} bytes")


def _require_reason(reason: str) -> None:
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise InvalidInputError(f"a reason has at most {LONGEST_REASON} characters, without null characters")


def _refuse_version(version: str | None) -> None:
    if version is not None:
        raise InvalidInputError(f"root {EXECUTIONS} has no versions")


def _copy(pieces: Iterator[bytes], file: BinaryIO, what: str) -> int:
    """Copy the contents of a file, and return their bytes; InvalidInputError if they are too large."""
    for piece in pieces:
        file.write(piece)
        if file.tell() > _LARGEST_PREVIEW:
            raise InvalidInputError(f"{what} has more than {_LARGEST_PREVIEW} bytes: download it")
    size = file.tell()
    file.seek(0)
    return size
