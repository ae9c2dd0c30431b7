"""Git work tree in which users commit files, and its exchange with a remote. No hook and no filter ever runs."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dulwich.file import FileLocked
from dulwich.graph import can_fast_forward, find_merge_base
from dulwich.objects import Blob, ObjectID, Tree
from dulwich.refs import HEADREF, Ref

from qdash_builtin.files.confined_folder import RESERVED, parse_path
from qdash_builtin.files.git.checkout import (
    EXECUTABLE,
    FILE,
    Checkout,
    FolderUpdate,
    add_commit,
    ensure_repository,
    get_commit,
    get_path,
    hash_file,
    list_changes,
    list_paths,
    lock_repository,
    move_branch,
    open_repository,
)
from qdash_builtin.files.git.ignored_files import IgnoredFiles
from qdash_builtin.files.git.index import WorkTreeIndex, read_time_ns
from qdash_core.errors import (
    ConflictError,
    InvalidInputError,
    QDashError,
    StoreError,
    StoreUnavailableError,
)
from qdash_core.models.name_summary import summarize_names
from qdash_core.process.cancellation import checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from contextlib import AbstractContextManager

    from dulwich.diff_tree import TreeChange
    from dulwich.objects import Commit
    from dulwich.repo import Repo

    from qdash_builtin.files.confined_folder import ConfinedFolder, Entry, Parts
    from qdash_builtin.files.git.remote import GitRemote

_MOST_NAMED = 5
_LARGEST = 64 * 2**20
"""Largest file of a commit, in bytes."""
_BEGINNING_OF_BRANCH = b"refs/heads/"
_MOST_WALKED = 10_000


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file of a work tree that differs from the newest commit."""

    path: str
    change: Literal["added", "changed", "deleted"]


@dataclass(frozen=True, slots=True)
class WorkTreeStatus:
    """State of a work tree.

    Parameters
    ----------
    commit : str or None
        Newest commit, 40 hexadecimal digits, or None if there is none.
    changed : tuple of ChangedFile
        Files that differ from this commit, without those that `.gitignore` names.
    unpushed : int or None
        Number of commits that were not in the remote at the last pull or push, or None if there was none.
    """

    branch: str
    commit: str | None
    changed: tuple[ChangedFile, ...]
    unpushed: int | None


@dataclass(frozen=True, slots=True)
class CommitSummary:
    """A commit, named by 40 hexadecimal digits."""

    commit: str
    author: str
    message: str
    at: datetime


class GitWorkTree:
    """Work tree of a folder."""

    def __init__(self, files: ConfinedFolder, remote: GitRemote | None) -> None:
        self._files = files
        self._remote = remote
        self._checkout = Checkout(files, files.name if remote is None else remote.url, reserved=RESERVED)

    def get_status(self) -> WorkTreeStatus:
        """Return the branch, the newest commit and the changed files."""
        with self._open() as (repo, ref):
            ours = repo.refs.as_dict().get(ref)
            changed = tuple(self._list_changed(repo, ours))
            commit = None if ours is None else ours.decode()
            branch = ref.removeprefix(_BEGINNING_OF_BRANCH).decode()
            return WorkTreeStatus(branch, commit, changed, self._count_unpushed(repo, ours))

    def list_commits(self, path: str, *, limit: int) -> list[CommitSummary]:
        """Return the newest commits that changed a file or folder, newest first, of the last 10,000 commits.

        A merge is not listed if one of its sides has the same contents.
        """
        with self._open() as (repo, ref):
            ours = repo.refs.as_dict().get(ref)
            if ours is None:
                return []
            find, found = _EntryFinder(repo, path), list[CommitSummary]()
            for entry in repo.get_walker(include=[ours], max_entries=_MOST_WALKED):
                checkpoint()
                present = find(entry.commit.id)
                parents = [find(parent) for parent in entry.commit.parents] or [None]
                if present not in parents:
                    found.append(_summarize(entry.commit))
                    if len(found) == limit:
                        break
            return found

    def read(self, path: str, commit: str) -> bytes | None:
        """Return the contents of a file in a commit, or None if it was not there."""
        with self._open() as (repo, _):
            found = _EntryFinder(repo, path)(ObjectID(commit.encode()))
            if found is None or not stat.S_ISREG(found[0]):
                return None
            return repo.object_store[found[1]].as_raw_string()

    def commit(self, paths: Collection[str], *, message: str, author: str) -> FolderUpdate:
        """Commit changed files: those of `paths`, or all if it is empty.

        Raises
        ------
        InvalidInputError
            If one of the files is unchanged or too large.
        """
        with self._open(lock_repository) as (repo, ref):
            ours = repo.refs.as_dict().get(ref)
            changed = {one.path: one.change for one in self._list_changed(repo, ours, paths)}
            if unchanged := sorted({*paths} - changed.keys()):
                raise InvalidInputError(
                    f"{self._files.name}: {summarize_names(unchanged, _MOST_NAMED)} not changed since the last commit"
                )
            wanted = sorted({*paths} or changed)
            if not wanted:
                return FolderUpdate("" if ours is None else ours.decode(), ())
            since_ns = read_time_ns(repo)
            states = {path: self._stat(path) for path in wanted if changed[path] != "deleted"}
            files = {
                path: (self._files.read(parse_path(path), most=_LARGEST), _get_mode(states[path]))
                if path in states
                else None
                for path in wanted
            }
            commit = add_commit(repo, [] if ours is None else [ours], files, message=message, author=author)
            index = WorkTreeIndex(repo)
            for path, file in files.items():
                if file is None:
                    index.remove(path)
                else:
                    index.set(path, states[path], Blob.from_string(file[0]).id, since_ns=since_ns)
            # The index first: with the former one, the next commit by git would take back this one.
            index.write()
            move_branch(repo, ref, ours, commit.id)
            return FolderUpdate(commit.id.decode(), tuple(wanted))

    def pull(self, *, author: str) -> FolderUpdate:
        """Merge the newest commit of the remote branch into the work tree.

        If both sides have commits, and no file was changed differently on both, a merge commit of `author` is made.

        Raises
        ------
        ConflictError
            If a file was changed on both sides, or has changes that are not committed. No file was changed.
        InvalidInputError, BackendError
            As for `GitFolder.pull`.
        """
        remote = self._require_remote()
        self._files.list()  # a folder that is missing, as of a disk that is not mounted, is not created
        with self._explain():
            ensure_repository(
                self._files.folder,
                remote.branch,
                hint="make it one with git, or empty it before the first pull",
            )
        with self._open(lock_repository) as (repo, ref):
            theirs = remote.fetch(repo)
            repo.refs[self._tracking_ref] = theirs
            ours = repo.refs.as_dict().get(ref)
            if ours is not None and (ours == theirs or can_fast_forward(repo, theirs, ours)):
                return FolderUpdate(ours.decode(), ())
            target = (
                theirs
                if ours is None or can_fast_forward(repo, ours, theirs)
                else self._merge(repo, ours, theirs, author)
            )
            return self._checkout.update(repo, ref, target, former=ours)

    def push(self) -> FolderUpdate:
        """Push the commits of the work tree to the remote branch, never forced.

        Raises
        ------
        ConflictError
            If the remote branch has commits that the work tree does not have. Nothing was pushed.
        InvalidInputError, BackendError
            As for `GitFolder.push`.
        """
        remote = self._require_remote()
        with self._open(lock_repository) as (repo, ref):
            theirs = remote.fetch(repo)
            ours = repo.refs.as_dict().get(ref)
            if ours is None or ours == theirs:
                return FolderUpdate(theirs.decode(), ())
            if not can_fast_forward(repo, theirs, ours) or not remote.send(repo, theirs, ours):
                raise ConflictError(
                    f"branch {remote.branch} of {remote.url} has commits that root {self._files.name} does not have: pull first"
                )
            repo.refs[self._tracking_ref] = ours
            return FolderUpdate(ours.decode(), list_paths(list_changes(repo, theirs, ours)))

    @contextmanager
    def _open(
        self, open_: Callable[[Path], AbstractContextManager[Repo]] = open_repository
    ) -> Iterator[tuple[Repo, Ref]]:
        """Yield the repository, opened for reading or locked for a change, and its branch."""
        folder = self._files.folder
        if not (folder / ".git").is_dir() or (folder / ".git").is_symlink():
            raise InvalidInputError(f"root {self._files.name} is no git work tree")
        with self._explain(), open_(folder) as repo:
            head = repo.refs.get_symrefs().get(HEADREF)
            if head is None or (self._remote is not None and head != self._remote.ref):
                wanted = "a branch" if self._remote is None else f"branch {self._remote.branch}"
                raise InvalidInputError(
                    f"root {self._files.name} is not on {wanted}: check it out there with git"
                )
            yield repo, head

    @contextmanager
    def _explain(self) -> Iterator[None]:
        """Convert errors of a repository that is damaged or cannot be written."""
        try:
            yield
        except QDashError:
            raise
        except OSError as error:
            raise StoreError(
                f"root {self._files.name}: its git repository cannot be used: {error.strerror or error}"
            ) from error
        except FileLocked as error:
            raise StoreUnavailableError(
                f"root {self._files.name}: another git program changes its repository: try again. If none runs there, one has died: "
                f"remove .git/{Path(os.fsdecode(error.lockfilename)).name}"
            ) from error
        except Exception as error:  # dulwich raises many types on damaged repositories
            raise StoreError(
                f"root {self._files.name}: its git repository is damaged, or has an index of a kind that QDash does not read "
                f"({type(error).__name__}): `git fsck` there tells more"
            ) from error

    def _require_remote(self) -> GitRemote:
        if self._remote is None:
            raise InvalidInputError(
                f"root {self._files.name} has no git remote: an administrator sets `remote_url` of file_roots.{self._files.name}"
            )
        return self._remote

    @property
    def _tracking_ref(self) -> Ref:
        """Name of the newest known commit of the remote branch."""
        return Ref(b"refs/remotes/qdash/" + self._require_remote().branch.encode())

    def _count_unpushed(self, repo: Repo, ours: ObjectID | None) -> int | None:
        theirs = None if self._remote is None else repo.refs.as_dict().get(self._tracking_ref)
        if theirs is None or ours is None:
            return None
        return sum(1 for _ in repo.get_walker(include=[ours], exclude=[theirs]))

    def _list_changed(
        self, repo: Repo, ours: ObjectID | None, only: Collection[str] = ()
    ) -> Iterator[ChangedFile]:
        """Yield the files that differ from a commit, in order of path; of some paths, or of all."""
        store = repo.object_store
        committed = (
            {}
            if ours is None
            else {
                one.path.decode(errors="surrogateescape"): one
                for one in store.iter_tree_contents(get_commit(repo, ours).tree)
                if one.path is not None
            }
        )
        others = tuple(f"{path}/" for path, one in committed.items() if one.mode not in (FILE, EXECUTABLE))
        index, ignored = WorkTreeIndex(repo), IgnoredFiles(repo, self._files)
        found: dict[str, ChangedFile] = {}
        there = set()
        for parts, entry in self._iter_present(only):
            path = "/".join(parts)
            there.add(path)
            known = committed.get(path)
            if known is None:
                if not path.startswith(others or ("\0",)) and not ignored.has(parts):
                    found[path] = ChangedFile(path, "added")
            elif (
                not index.is_unchanged(path, entry, known.sha) and hash_file(self._files, parts) != known.sha
            ):
                found[path] = ChangedFile(path, "changed")
        for path, one in committed.items():
            if only and path not in only:
                continue
            if path not in there and one.mode in (FILE, EXECUTABLE) and self._is_absent(path):
                found[path] = ChangedFile(path, "deleted")
        yield from (found[path] for path in sorted(found))

    def _iter_present(self, only: Collection[str]) -> Iterator[tuple[Parts, Entry]]:
        """Yield the files that are there, of some paths or of all."""
        if not only:
            yield from self._files.iter_files()
        for path in sorted({*only}):
            parts = parse_path(path)
            entry = self._files.find(parts)
            if entry is not None and entry.kind == "file":
                yield parts, entry

    def _is_absent(self, path: str) -> bool:
        """Return whether a file was deleted: a link, or several hard links, in its place may still have its contents."""
        try:
            entry = self._files.find(parse_path(path))
        except InvalidInputError:
            return False  # a name that is not shown, or below a link
        return entry is None or entry.kind == "folder"

    def _stat(self, path: str) -> os.stat_result:
        return self._files.stat(parse_path(path))

    def _merge(self, repo: Repo, ours: ObjectID, theirs: ObjectID, author: str) -> ObjectID:
        """Add a commit with the changes of two commits, and return its name; ConflictError if a file was changed differently in both."""
        remote = self._require_remote()
        base = next(iter(find_merge_base(repo, [ours, theirs])), None)
        mine, other = (
            {get_path(one): one for one in list_changes(repo, base, side)} for side in (ours, theirs)
        )
        conflicts = sorted(
            path
            for path, one in mine.items()
            if _overlaps(path, other) and not _is_same(one, other.get(path))
        )
        if conflicts or base is None:
            raise ConflictError(
                f"{summarize_names(conflicts, _MOST_NAMED) or 'the whole history'} changed in root {self._files.name} and in branch "
                f"{remote.branch} of {remote.url}: nothing was changed. Keep a copy, restore the version before your commit, "
                "commit, pull, and make your change again"
            )
        files = {
            path: None
            if one.new is None or one.new.sha is None
            else (repo.object_store[one.new.sha].as_raw_string(), one.new.mode or FILE)
            for path, one in mine.items()
        }
        message = f"Merge branch {remote.branch} of {remote.url}"
        return add_commit(repo, [ours, theirs], files, message=message, author=author, base=theirs).id


class _EntryFinder:
    """Finder of the object of a path in commits, which reads each tree once."""

    def __init__(self, repo: Repo, path: str) -> None:
        self._repo = repo
        self._names = path.encode().split(b"/")
        self._known: dict[ObjectID, tuple[int, ObjectID] | None] = {}

    def __call__(self, commit: ObjectID) -> tuple[int, ObjectID] | None:
        """Return mode and name of the object in a commit, or None if there is none."""
        if commit not in self._known:
            self._known[commit] = self._look_up(get_commit(self._repo, commit).tree)
        return self._known[commit]

    def _look_up(self, tree: ObjectID) -> tuple[int, ObjectID] | None:
        found = (stat.S_IFDIR, tree)
        for name in self._names:
            parent = self._repo.object_store[found[1]] if stat.S_ISDIR(found[0]) else None
            if not isinstance(parent, Tree) or name not in parent:
                return None
            found = parent[name]
        return found


def _get_mode(found: os.stat_result) -> int:
    return EXECUTABLE if found.st_mode & 0o111 else FILE


def _overlaps(path: str, others: Collection[str]) -> bool:
    """Return whether a path is one of others, or one of them is a folder of the other."""
    return path in others or any(one.startswith(f"{path}/") or path.startswith(f"{one}/") for one in others)


def _is_same(change: TreeChange, other: TreeChange | None) -> bool:
    if other is None:
        return False
    sides = [None if one.new is None else (one.new.sha, one.new.mode) for one in (change, other)]
    return sides[0] == sides[1]


def _summarize(commit: Commit) -> CommitSummary:
    author = commit.author.decode(errors="replace").partition("<")[0].strip()
    return CommitSummary(
        commit.id.decode(),
        author,
        commit.message.decode(errors="replace").strip(),
        datetime.fromtimestamp(commit.commit_time, UTC),
    )
