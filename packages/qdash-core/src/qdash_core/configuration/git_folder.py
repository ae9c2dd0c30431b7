"""Folder that follows a branch of a git remote. No hook and no filter of the repository ever runs."""

from __future__ import annotations

import fcntl
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from operator import methodcaller
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from dulwich.diff_tree import tree_changes
from dulwich.graph import can_fast_forward
from dulwich.index import index_entry_from_stat
from dulwich.object_store import commit_tree_changes
from dulwich.objects import Blob, Commit
from dulwich.refs import HEADREF
from dulwich.repo import Repo

from qdash_core.artifacts.atomic import write_atomically
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.base import utc_now
from qdash_core.models.name_summary import summarize_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dulwich.diff_tree import TreeChange
    from dulwich.objects import ObjectID

    from qdash_core.configuration.git_remote import GitRemote

_ATTEMPTS = 5
_MOST_NAMED = 5
_FILE, _EXECUTABLE = 0o100644, 0o100755


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


class GitFolder:
    """Folder whose files are those of the newest commit of a remote branch.

    Parameters
    ----------
    folder : Path
        A git work tree, or an empty or missing folder.
    remote : GitRemote
        The remote branch.
    """

    def __init__(self, folder: Path, remote: GitRemote) -> None:
        self._folder = folder
        self._remote = remote

    def pull(self) -> FolderUpdate:
        """Update the folder to the newest commit of the remote branch.

        Raises
        ------
        InvalidInputError
            If the folder has files but is no git work tree, or is on another branch; if the remote branch does not exist, or has a file
            that cannot be written safely.
        ConflictError
            If a file was changed in the folder and in the remote, or the folder has commits that the remote does not have. No file was
            changed.
        BackendError
            If the remote cannot be reached or refuses the credentials.
        """
        with self._open() as repo:
            return self._pull(repo)

    def push(
        self, make_files: Callable[[], Mapping[str, bytes]], *, message: str, author: str
    ) -> FolderUpdate:
        """Update the folder, write files, and push them as one commit.

        Parameters
        ----------
        make_files : callable
            Returns contents by path relative to the folder. It is called after each pull, and again if the remote branch was changed
            meanwhile.
        message : str
            Message of the commit.
        author : str
            Name of its author.

        Raises
        ------
        InvalidInputError, ConflictError, BackendError
            As for `pull`; ConflictError also if one of the files was changed in the folder. Nothing was pushed.
        """
        with self._open() as repo:
            for _ in range(_ATTEMPTS):
                pulled = self._pull(repo)
                base = repo.refs[self._remote.ref]
                commit = _add_commit(repo, base, make_files(), message=message, author=author)
                changes = _list_changes(repo, base, commit.id)
                if not changes:
                    return FolderUpdate(pulled.commit, ())
                places = self._find_safe_places(changes)
                if self._remote.send(repo, base, commit.id):
                    self._check_out(repo, places, commit.id)
                    return FolderUpdate(commit.id.decode(), _list_paths(changes))
        raise ConflictError(
            f"branch {self._remote.branch} of {self._remote.url} was changed during each of {_ATTEMPTS} attempts: push again"
        )

    @contextmanager
    def _open(self) -> Iterator[Repo]:
        """Open the repository of the folder, which is created if it is missing, and lock it among processes."""
        control, branch = self._folder / ".git", self._remote.branch
        if not control.is_dir():
            if self._folder.is_dir() and any(self._folder.iterdir()):
                raise InvalidInputError(
                    f"{self._folder} has files but is no git work tree: move it away and pull again, or clone {self._remote.url} there"
                )
            self._folder.mkdir(parents=True, exist_ok=True)
            Repo.init(self._folder, default_branch=branch.encode()).close()
        handle = os.open(control / "qdash.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            with Repo(self._folder) as repo:
                if repo.refs.get_symrefs().get(HEADREF) != self._remote.ref:
                    raise InvalidInputError(
                        f"{self._folder} is not on branch {branch}: check out {branch} there, or name its branch"
                    )
                yield repo
        finally:
            os.close(handle)

    def _pull(self, repo: Repo) -> FolderUpdate:
        theirs = self._remote.fetch(repo)
        ours = repo.refs.as_dict().get(self._remote.ref)
        if ours is not None and ours != theirs and not can_fast_forward(repo, ours, theirs):
            raise ConflictError(
                f"{self._folder} has commits that are not in branch {self._remote.branch} of {self._remote.url}: "
                "push or remove them with git"
            )
        changes = _list_changes(repo, ours, theirs)
        self._check_out(repo, self._find_safe_places(changes), theirs)
        return FolderUpdate(theirs.decode(), _list_paths(changes))

    def _find_safe_places(self, changes: Sequence[TreeChange]) -> list[tuple[TreeChange, Path]]:
        """Return the changes with the paths of their files.

        Refuse changes of unsafe paths, and of files whose contents are neither those before nor those after the change.
        """
        places = [(change, self._find_place(change)) for change in changes]
        edited = []
        for change, path in places:
            found = Blob.from_string(path.read_bytes()).id if path.is_file() else None
            sides = [None if side is None else side.sha for side in (change.old, change.new)]
            if found not in sides or (found is None and path.exists()):
                edited.append(_get_path(change))
        if edited:
            raise ConflictError(
                f"{self._folder}: {summarize_names(edited, _MOST_NAMED)} changed here and in the commit: keep a copy, run "
                "`git restore` on it, and try again"
            )
        return places

    def _find_place(self, change: TreeChange) -> Path:
        """Return the path of a changed file; raise InvalidInputError if it is not safe."""
        name = _get_path(change)
        path = self._folder / name
        if "\\" in name or any(_is_unsafe(part) for part in PurePosixPath(name).parts):
            raise InvalidInputError(
                f"{self._remote.url} has a file {name!r}, which is not safe to write: remove it there"
            )
        if change.new is not None and change.new.mode not in (_FILE, _EXECUTABLE):
            raise InvalidInputError(
                f"{name!r} in {self._remote.url} is a symbolic link or a submodule: only files are supported"
            )
        if path.is_symlink() or not path.parent.resolve().is_relative_to(self._folder.resolve()):
            raise InvalidInputError(
                f"{path} is a symbolic link, or in a folder that is one: replace it by a file"
            )
        return path

    def _check_out(self, repo: Repo, places: Sequence[tuple[TreeChange, Path]], commit: ObjectID) -> None:
        """Write the changed files of a commit to their paths, then move the branch to it; after an interruption, a pull does it again."""
        index = repo.open_index()
        for change, path in places:
            name = _get_path(change).encode()
            if change.new is None or change.new.sha is None or change.new.mode is None:
                path.unlink(missing_ok=True)
                if name in index:
                    del index[name]
                continue
            contents = repo.object_store[change.new.sha].as_raw_string()
            write_atomically(path, methodcaller("write", contents), mode=stat.S_IMODE(change.new.mode))
            index[name] = index_entry_from_stat(path.lstat(), change.new.sha)
        index.write()
        repo.refs[self._remote.ref] = commit


def _add_commit(
    repo: Repo, base: ObjectID, files: Mapping[str, bytes], *, message: str, author: str
) -> Commit:
    """Add a commit of files on a base to the objects of a repository."""
    blobs = {path: Blob.from_string(contents) for path, contents in files.items()}
    for blob in blobs.values():
        repo.object_store.add_object(blob)
    tree = _get_commit(repo, base).tree
    commit = Commit()
    commit.tree = commit_tree_changes(
        repo.object_store, tree, [(path.encode(), _FILE, blob.id) for path, blob in blobs.items()]
    )
    commit.parents = [base]
    commit.author = commit.committer = f"{author} <>".encode()
    commit.author_time = commit.commit_time = int(utc_now().timestamp())
    commit.author_timezone = commit.commit_timezone = 0
    commit.message = message.encode()
    repo.object_store.add_object(commit)
    return commit


def _get_commit(repo: Repo, name: ObjectID) -> Commit:
    found = repo[name]
    assert isinstance(found, Commit)
    return found


def _list_changes(repo: Repo, old: ObjectID | None, new: ObjectID) -> list[TreeChange]:
    before = None if old is None else _get_commit(repo, old).tree
    return list(tree_changes(repo.object_store, before, _get_commit(repo, new).tree))


def _get_path(change: TreeChange) -> str:
    side = change.new or change.old
    assert side is not None
    assert side.path is not None
    return os.fsdecode(side.path)


def _list_paths(changes: Sequence[TreeChange]) -> tuple[str, ...]:
    return tuple(sorted(_get_path(change) for change in changes))


def _is_unsafe(part: str) -> bool:
    return part in (".", "..") or part.lower().rstrip(" .") == ".git" or "\0" in part or ":" in part
