"""Contract of storages for the storage in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.artifacts.storage import FilesystemCalibDataSaver
from qdash_testing import StorageContract

if TYPE_CHECKING:
    from pathlib import Path


class TestFileStorage(StorageContract):
    storage_class = FilesystemCalibDataSaver

    def url(self, tmp_path: Path) -> str:
        return (tmp_path / "some where").as_uri()

    def unwritable_url(self, tmp_path: Path) -> str:
        (tmp_path / "file").write_text("in the way")
        return (tmp_path / "file" / "artifacts").as_uri()
