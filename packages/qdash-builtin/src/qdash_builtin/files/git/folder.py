"""Folder that follows a branch of a git remote."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from dulwich.graph import can_fast_forward
from dulwich.refs import HEADREF

from qdash_builtin.files.confined_folder import ConfinedFolder
from qdash_builtin.files.git.checkout import (
    FILE,
    Checkout,
    FolderUpdate,
    add_commit,
    ensure_repository,
    list_changes,
    list_paths,
    lock_repository,
)
from qdash_core.errors import ConflictError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from dulwich.repo import Repo

    from qdash_builtin.files.git.remote import GitRemote

_ATTEMPTS = 5


class GitFolder:
    """Folder whose files are those of the newest commit of a remote branch: a git work tree, or an empty or missing folder."""

    def __init__(self, folder: Path, remote: GitRemote) -> None:
        self._folder = folder
        self._remote = remote
        self._checkout = Checkout(ConfinedFolder(folder, str(folder)), remote.url, reserved=(".git",))

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

        Raises
        ------
        InvalidInputError, ConflictError, BackendError
            As for `pull`; ConflictError also if one of the files was changed in the folder. Nothing was pushed.
        """
        with self._open() as repo:
            for _ in range(_ATTEMPTS):
                pulled = self._pull(repo)
                base = repo.refs[self._remote.ref]
                files = {path: (contents, FILE) for path, contents in make_files().items()}
                commit = add_commit(repo, [base], files, message=message, author=author)
                changes = list_changes(repo, base, commit.id)
                if not changes:
                    return FolderUpdate(pulled.commit, ())
                places = self._checkout.find_safe_places(changes)
                if self._remote.send(repo, base, commit.id):
                    self._checkout.check_out(repo, places, self._remote.ref, commit.id, former=base)
                    return FolderUpdate(commit.id.decode(), list_paths(changes))
        raise ConflictError(
            f"branch {self._remote.branch} of {self._remote.url} was changed during each of {_ATTEMPTS} attempts: push again"
        )

    @contextmanager
    def _open(self) -> Iterator[Repo]:
        """Open the repository of the folder, which is created if it is missing, and lock it among processes."""
        branch = self._remote.branch
        ensure_repository(
            self._folder, branch, hint=f"move it away and pull again, or clone {self._remote.url} there"
        )
        with lock_repository(self._folder) as repo:
            if repo.refs.get_symrefs().get(HEADREF) != self._remote.ref:
                raise InvalidInputError(
                    f"{self._folder} is not on branch {branch}: check out {branch} there, or name its branch"
                )
            yield repo

    def _pull(self, repo: Repo) -> FolderUpdate:
        theirs = self._remote.fetch(repo)
        ours = repo.refs.as_dict().get(self._remote.ref)
        if ours is not None and ours != theirs and not can_fast_forward(repo, ours, theirs):
            raise ConflictError(
                f"{self._folder} has commits that are not in branch {self._remote.branch} of {self._remote.url}: "
                "push or remove them with git"
            )
        return self._checkout.update(repo, self._remote.ref, theirs, former=ours)
