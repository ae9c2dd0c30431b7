"""Contract of storages for the storage in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.artifacts import storage
from qdash_core.artifacts.storage import FilesystemCalibDataSaver
from qdash_core.artifacts.storage_features import save_together
from qdash_core.models.raw_data import RawData
from qdash_testing import StorageContract

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class TestFileStorage(StorageContract):
    storage_class = FilesystemCalibDataSaver

    def url(self, tmp_path: Path) -> str:
        return (tmp_path / "some where").as_uri()

    def unwritable_url(self, tmp_path: Path) -> str:
        (tmp_path / "file").write_text("in the way")
        return (tmp_path / "file" / "artifacts").as_uri()


def test_files_that_are_saved_together_share_one_sync_of_their_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(storage, "sync_folder", synced.append)
    saver = FilesystemCalibDataSaver(tmp_path)
    paths = [f"{folder}/{number}.npz" for folder in ("a", "b") for number in range(3)]
    with save_together(saver) as together:
        checksums = {path: together.save_raw_data(path, RawData({"x": ([1.0], "us")})) for path in paths}
        assert synced == [], "none is durable yet"
    assert sorted(synced) == [tmp_path / "a", tmp_path / "b"]
    assert {path: saver.checksum(path) for path in paths} == checksums
