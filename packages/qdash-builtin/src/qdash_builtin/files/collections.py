"""Collection of the versions of files."""

from __future__ import annotations

from qdash_core.repositories.collection import Collection

FILE_VERSION = Collection(
    "file_version",
    ("root", "path", "number"),
    model="qdash_builtin.files.models.file_version:FileVersionModel",
)
