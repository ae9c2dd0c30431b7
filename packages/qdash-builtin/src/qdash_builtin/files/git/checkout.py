"""Files of a git work tree: safe paths, and the update to a commit. No hook and no filter of the repository ever runs."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dulwich.diff_tree import tree_changes
from dulwich.errors import NotGitRepository
from dulwich.object_store import commit_tree_changes
from dulwich.objects import Blob, Commit, Tree
from dulwich.repo import Repo

from qdash_builtin.files.confined_folder import parse_path
from qdash_builtin.files.git.index import LOCK_FILE, WorkTreeIndex
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.name_summary import summarize_names
from qdash_core.process.cancellation import checkpoint
from qdash_core.process.clock import machine_now

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from dulwich.diff_tree import TreeChange
    from dulwich.objects import ObjectID
    from dulwich.refs import Ref

    from qdash_builtin.files.confined_folder import ConfinedFolder, Parts

FILE, EXECUTABLE = 0o100644, 0o100755
"""Modes of regular files in a tree."""
_MOST_NAMED = 5
_PIECE = 2**20


@dataclass(frozen=True, slots=True)
class FolderUpdate:
    """Result of a pull or push.

    Parameters
    ----------
    commit : str
        Commit of the folder, 40 hexadecimal digits.
    files : tuple of str
        Paths of the changed files relative to the folder; empty if nothing changed.
    """

    commit: str
    files: tuple[str, ...]


class Checkout:
    """Files of a work tree; `source` is the remote, or another source of commits, as messages name it."""

    def __init__(self, files: ConfinedFolder, source: str, *, reserved: Collection[str]) -> None:
        self._files = files
        self._source = source
        self._reserved = reserved

    def update(self, repo: Repo, ref: Ref, commit: ObjectID, *, former: ObjectID | None) -> FolderUpdate:
        """Update the files to a commit, as `find_safe_places` and `check_out` do."""
        changes = list_changes(repo, former, commit)
        self.check_out(repo, self.find_safe_places(changes), ref, commit, former=former)
        return FolderUpdate(commit.decode(), list_paths(changes))

    def find_safe_places(self, changes: Sequence[TreeChange]) -> list[tuple[TreeChange, Parts]]:
        """Return the changes with the paths of their files.

        Raises
        ------
        InvalidInputError
            If a path is not safe.
        ConflictError
            If the contents of a file are neither those before nor those after its change.
        """
        places = [(change, self._find_place(change)) for change in changes]
        deleted = {place for change, place in places if change.new is None}
        edited = [
            get_path(change) for change, place in places if not self._is_replaceable(change, place, deleted)
        ]
        if edited:
            raise ConflictError(
                f"{self._files.name}: {summarize_names(edited, _MOST_NAMED)} changed here and in the commit: keep a copy, run "
                "`git restore` on it, and try again"
            )
        return places

    def check_out(
        self,
        repo: Repo,
        places: Sequence[tuple[TreeChange, Parts]],
        ref: Ref,
        commit: ObjectID,
        *,
        former: ObjectID | None,
    ) -> None:
        """Write the changed files of a commit to their paths, then move a branch from its former commit to it; after an interruption, repeat both.

        Raises
        ------
        ConflictError
            If another program moved the branch meanwhile.
        """
        index = WorkTreeIndex(repo)
        # Deletions first: a file may replace the folder of deleted files, or a folder a deleted file.
        for change, parts in sorted(places, key=lambda place: place[0].new is not None):
            path = get_path(change)
            if change.new is None or change.new.sha is None or change.new.mode is None:
                if self._files.find(parts) is not None:
                    self._files.remove(parts)
                index.remove(path)
                continue
            found = self._files.find(parts)
            if found is not None and found.kind == "folder":
                self._remove_folders(parts)
            contents = repo.object_store[change.new.sha].as_raw_string()
            self._files.write(parts, contents, mode=stat.S_IMODE(change.new.mode))
            index.set(path, self._files.stat(parts), change.new.sha)
        index.write()
        move_branch(repo, ref, former, commit)

    def _find_place(self, change: TreeChange) -> Parts:
        """Return the path of a changed file; raise InvalidInputError if it is not safe."""
        name = get_path(change)
        try:
            parts = parse_path(name, reserved=self._reserved)
        except InvalidInputError as error:
            raise InvalidInputError(
                f"{self._source} has a file {name!r}, which is not safe to write: remove it there"
            ) from error
        if change.new is not None and change.new.mode not in (FILE, EXECUTABLE):
            raise InvalidInputError(
                f"{name!r} in {self._source} is a symbolic link or a submodule: only files are supported"
            )
        return parts

    def _is_replaceable(self, change: TreeChange, parts: Parts, deleted: Collection[Parts]) -> bool:
        """Return whether nothing is lost if a change is written: the file has the contents before or after it."""
        sides = [None if side is None else side.sha for side in (change.old, change.new)]
        entry = self._files.find(parts)
        if entry is None:
            return None in sides
        if entry.kind == "folder":
            return None in sides and self._has_only(parts, deleted)
        return hash_file(self._files, parts) in sides

    def _has_only(self, folder: Parts, files: Collection[Parts]) -> bool:
        """Return whether a folder has no other files than these."""
        listing = self._files.list(folder)
        return not listing.left_out and all(
            self._has_only((*folder, one.name), files)
            if one.kind == "folder"
            else (*folder, one.name) in files
            for one in listing.entries
        )

    def _remove_folders(self, folder: Parts) -> None:
        """Remove a folder that has only folders."""
        for one in self._files.list(folder).entries:
            self._remove_folders((*folder, one.name))
        self._files.remove_folder(folder)


@contextmanager
def lock_repository(folder: Path) -> Iterator[Repo]:
    """Open the repository of a folder, locked among processes; without a lock if it is read-only."""
    with _lock(folder / ".git" / LOCK_FILE), open_repository(folder) as repo:
        yield repo


@contextmanager
def open_repository(folder: Path) -> Iterator[Repo]:
    """Open the repository of a folder for reading: it is whole also during a change, which may take long."""
    try:
        opened = Repo(folder)
    except NotGitRepository as error:
        raise InvalidInputError(
            f"{folder.name} has a folder .git that is no git repository: remove it"
        ) from error
    with opened as repo:
        yield repo


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.EACCES):
            raise
        yield
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def ensure_repository(folder: Path, branch: str, *, hint: str) -> None:
    """Create the repository of an empty or missing folder; InvalidInputError with a hint if it has files and no repository."""
    if (folder / ".git").is_dir():
        return
    if folder.is_dir() and any(folder.iterdir()):
        raise InvalidInputError(f"{folder.name} has files but is no git work tree: {hint}")
    folder.mkdir(parents=True, exist_ok=True)
    Repo.init(folder, default_branch=branch.encode()).close()


def add_commit(
    repo: Repo,
    parents: Sequence[ObjectID],
    files: Mapping[str, tuple[bytes, int] | None],
    *,
    message: str,
    author: str,
    base: ObjectID | None = None,
) -> Commit:
    """Add a commit to the objects of a repository.

    Parameters
    ----------
    files : mapping
        Contents and mode of each changed file, or None for a deleted one.
    base : ObjectID or None
        The commit whose files are changed, or None for the first parent.
    """
    store = repo.object_store
    base = base or (parents[0] if parents else None)
    deleted: list[tuple[bytes, int | None, ObjectID | None]] = []
    written: list[tuple[bytes, int | None, ObjectID | None]] = []
    for path, file in files.items():
        if file is None:
            deleted.append((path.encode(), None, None))
            continue
        blob = Blob.from_string(file[0])
        store.add_object(blob)
        written.append((path.encode(), file[1], blob.id))
    empty = Tree()
    store.add_object(empty)
    tree = empty.id if base is None else get_commit(repo, base).tree
    # Deletions first: a file may replace the folder of deleted files, or a folder a deleted file.
    for changes in filter(None, (deleted, written)):
        tree = commit_tree_changes(store, tree, changes)
    commit = Commit()
    commit.tree = tree
    commit.parents = list(parents)
    commit.author = commit.committer = f"{author} <>".encode()
    commit.author_time = commit.commit_time = int(machine_now().timestamp())
    commit.author_timezone = commit.commit_timezone = 0
    commit.message = message.encode()
    store.add_object(commit)
    return commit


def move_branch(repo: Repo, ref: Ref, former: ObjectID | None, commit: ObjectID) -> None:
    """Move a branch, or create it if `former` is None; ConflictError if another program moved it meanwhile."""
    refs = repo.refs
    moved = refs.add_if_new(ref, commit) if former is None else refs.set_if_equals(ref, former, commit)
    if not moved:
        raise ConflictError(
            f"another program made a commit on {ref.decode()} meanwhile: look at the changed files, and try again"
        )


def hash_file(files: ConfinedFolder, parts: Parts) -> bytes:
    """Return the name that git gives the contents of a file, which is not loaded as a whole."""
    with files.open(parts) as file:
        size = os.fstat(file.fileno()).st_size
        digest = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        while piece := file.read(_PIECE):
            checkpoint()
            digest.update(piece)
    return digest.hexdigest().encode()


def get_commit(repo: Repo, name: ObjectID) -> Commit:
    """Return a commit of a repository; NotFoundError if there is none."""
    try:
        found = repo[name]
    except KeyError:
        raise NotFoundError(f"there is no commit {name.decode()}") from None
    if not isinstance(found, Commit):
        raise NotFoundError(f"there is no commit {name.decode()}")
    return found


def list_changes(repo: Repo, old: ObjectID | None, new: ObjectID) -> list[TreeChange]:
    """Return the files that differ between two commits, or of one if `old` is None."""
    before = None if old is None else get_commit(repo, old).tree
    return list(tree_changes(repo.object_store, before, get_commit(repo, new).tree))


def get_path(change: TreeChange) -> str:
    """Return the path of a changed file."""
    side = change.new or change.old
    assert side is not None
    assert side.path is not None
    return os.fsdecode(side.path)


def list_paths(changes: Sequence[TreeChange]) -> tuple[str, ...]:
    """Return the paths of changed files in order."""
    return tuple(sorted(get_path(change) for change in changes))
