"""Repository of the versions of files."""

from __future__ import annotations

from qdash_builtin.files.models.file_version import FileVersionModel
from qdash_core.repositories.base import Repository


class FileVersionRepository(Repository[FileVersionModel]):
    """Versions of the files of the whole store, including deleted files."""

    collection = "file_version"
    model = FileVersionModel

    def find(self, root: str, path: str, number: int) -> FileVersionModel | None:
        """Return a version of a file, or None."""
        return self._get((root, path, number))

    def find_newest(self, root: str, path: str) -> FileVersionModel | None:
        """Return the newest version of a file, or None."""
        found = self.select({"root": root, "path": path}, order=("-number",), limit=1)
        return found[0] if found else None

    def list_by_file(self, root: str, path: str, *, limit: int) -> list[FileVersionModel]:
        """Return the newest versions of a file, newest first, without their contents."""
        where = {"root": root, "path": path}
        return self.select_as(FileVersionModel, where, order=("-number",), limit=limit, without=("packed",))

    def insert(self, version: FileVersionModel) -> None:
        """Add a version; ConflictError if its number is taken."""
        self._insert(version)
