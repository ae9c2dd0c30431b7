"""Configured roots of files, and the access of projects to them."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_builtin.files.confined_folder import ConfinedFolder
from qdash_builtin.files.models.file_root import EXECUTIONS, find_danger, get_identities
from qdash_builtin.files.settings import FileSettings, list_private_paths
from qdash_core.errors import InvalidInputError, NotFoundError, StoreUnavailableError
from qdash_core.models.project import DEFAULT_PROJECT, ProjectRole
from qdash_core.parsing.similar_names import suggest
from qdash_core.process.file_modes import ensure_file, make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.files.git.work_tree import GitWorkTree
    from qdash_builtin.files.models.file_root import FileRoot
    from qdash_core.models.access import Access
    from qdash_core.settings import Settings

_WAIT_S = 10.0
_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class RootFolder:
    """A configured root that the caller may use; processes lock `lock_file` to change its files."""

    name: str
    options: FileRoot
    files: ConfinedFolder
    lock_file: Path

    @property
    def is_git(self) -> bool:
        """True if it is a git work tree."""
        control = self.files.folder / ".git"
        return control.is_dir() and not control.is_symlink()

    @property
    def is_available(self) -> bool:
        """True if the folder is there."""
        return self.files.folder.is_dir()

    def open_work_tree(self) -> GitWorkTree:
        """Return the git work tree of the root."""
        from qdash_builtin.files.git.remote import GitRemote
        from qdash_builtin.files.git.work_tree import GitWorkTree

        options = self.options
        remote = (
            None
            if options.remote_url is None
            else GitRemote(
                options.remote_url, options.remote_branch, options.remote_user, options.remote_token
            )
        )
        return GitWorkTree(self.files, remote)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Exclude other changes of the root by QDash; StoreUnavailableError if one takes long, such as a pull."""
        try:
            make_folder(self.lock_file.parent)
            ensure_file(self.lock_file)
            handle = os.open(self.lock_file, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise StoreUnavailableError(
                f"root {self.name} cannot be locked in the home of QDash: {error.strerror}; nothing was changed"
            ) from error
        try:
            until = time.monotonic() + _WAIT_S
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise StoreUnavailableError(
                            f"another change of root {self.name}, such as a pull, takes long: nothing was changed; try again"
                        ) from None
                    time.sleep(_POLL_S)
            yield
        finally:
            os.close(handle)


class FileRoots:
    """Roots of the settings.

    A root is for the members of its projects alone; one without projects is for administrators, the owners of project `default`, there.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._roots = settings.of(FileSettings).file_roots

    def list_visible(self, access: Access) -> list[RootFolder]:
        """Return the roots that the caller may use, by name."""
        roots = self._roots
        return [self._make(name) for name in sorted(roots) if _is_visible(roots[name], access)]

    def require(self, access: Access, name: str) -> RootFolder:
        """Return a root.

        Raises
        ------
        NotFoundError
            If there is no such root for the caller.
        InvalidInputError
            If it has become unsafe, as by a symbolic link in its path.
        """
        root = self._roots.get(name)
        if root is None or not _is_visible(root, access):
            known = [one.name for one in self.list_visible(access)] + [EXECUTIONS]
            raise NotFoundError(
                f"there is no root {name!r} for project {access.project_id}{suggest(name, known)} (known: {', '.join(known)})"
            )
        danger = find_danger(name, self._roots, self._list_private_paths())
        if danger is not None:
            raise InvalidInputError(f"root {name} is refused: {danger}")
        return self._make(name)

    def _make(self, name: str) -> RootFolder:
        options = self._roots[name]
        folder = Path(os.path.realpath(options.path))
        lock_file = self._settings.home / "file-locks" / f"{name}.lock"
        excluded = get_identities(self._list_private_paths().values())
        return RootFolder(name, options, ConfinedFolder(folder, name, excluded=excluded), lock_file)

    def _list_private_paths(self) -> dict[str, Path]:
        return list_private_paths(self._settings)


def _is_visible(root: FileRoot, access: Access) -> bool:
    if root.projects:
        return access.project_id in root.projects
    return access.project_id == DEFAULT_PROJECT and access.role is ProjectRole.OWNER
