"""Place below a root of files, and the operations of the host on the file there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from qdash_builtin.files.models.file_root import EXECUTIONS
from qdash_builtin.files.operations import check_file, commit_files, delete_file, restore_file, write_file
from qdash_builtin.files.requests import CommitRequest, RestoreRequest
from qdash_core.errors import LoginError, QDashError

if TYPE_CHECKING:
    from qdash_builtin.files.views.files import FileCheckDocument, FileRootDocument
    from qdash_ui_streamlit.view import View

PAGE = "files"


class UncommittedError(QDashError):
    """A file of a git work tree was changed, and the commit of the change was refused."""


@dataclass(frozen=True, slots=True)
class FilePlace:
    """File or folder below a root.

    In a git work tree each change is committed with its reason, so that the history has it with its author.
    """

    view: View
    root: FileRootDocument
    path: str

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """Path of the folder that contains it."""
        return self.path.rpartition("/")[0]

    @property
    def has_history(self) -> bool:
        """True if the root keeps versions of its files."""
        return self.root.name != EXECUTIONS

    def link(self, **params: Any) -> str:
        """Return the URL of the page of the file."""
        return self.view.link(PAGE, root=self.root.name, file=self.path, **params)

    def link_folder(self, path: str, **params: Any) -> str:
        """Return the URL of the page of a folder of the root."""
        return self.view.link(PAGE, root=self.root.name, folder=path or None, **params)

    def make_download_path(self, version: str | None = None) -> str:
        """Return the path of the host that downloads the file, or a version of it."""
        query = {"path": self.path} | ({} if version is None else {"version": version})
        return f"files/{quote(self.root.name, safe='')}/content?{urlencode(query)}"

    def needs_reason(self) -> bool:
        """Return whether a change has to have a reason: the message of its commit."""
        return self.root.git

    def write(self, contents: bytes, reason: str, *, seen: str | None) -> None:
        """Write the file, and commit it in a git work tree.

        `seen` is the SHA-256 of the contents that the user has seen, or None for a new file.

        Raises
        ------
        UncommittedError
            If the file is written, and its commit is refused.
        """
        self.view.ask(
            write_file.at_version(seen),
            self.root.name,
            path=self.path,
            reason=reason,
            contents=contents,
        )
        self._commit(reason)

    def check(self, contents: bytes) -> FileCheckDocument:
        """Return the validation of contents by the format of the file."""
        return self.view.ask(check_file, self.root.name, path=self.path, contents=contents)

    def delete(self, reason: str, *, seen: str | None) -> None:
        """Delete the file. Parameters as of `write`."""
        self.view.ask(
            delete_file.at_version(seen),
            self.root.name,
            path=self.path,
            reason=reason,
        )
        self._commit(reason)

    def restore(self, version: str, reason: str, *, seen: str | None) -> None:
        """Restore a version of the file. Parameters as of `write`."""
        self.view.ask(
            restore_file.at_version(seen),
            self.root.name,
            body=RestoreRequest(path=self.path, version=version, reason=reason),
        )
        self._commit(reason)

    def _commit(self, reason: str) -> None:
        if not self.root.git:
            return
        try:
            self.view.ask(commit_files, self.root.name, body=CommitRequest(reason=reason, paths=[self.path]))
        except LoginError:
            raise
        except QDashError as error:
            raise UncommittedError(f"The file is changed, but not committed: {error}") from error
