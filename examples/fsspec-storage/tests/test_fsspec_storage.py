"""Specification of the storage: its contract, in memory and on a disk, and the raw data of a run."""

import uuid

import pytest
from qdash_core import StoreError, load_plugins, load_settings, open_qdash
from qdash_testing import StorageContract

from fsspec_storage.storage import FsspecStorage


class TestInMemory(StorageContract):
    storage_class = FsspecStorage
    shared = False

    def url(self, tmp_path):
        return f"memory://{uuid.uuid4()}/artifacts"


class TestOnADisk(StorageContract):
    storage_class = FsspecStorage

    def url(self, tmp_path):
        return f"local://{tmp_path}/some where/artifacts"

    def unwritable_url(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        return f"local://{tmp_path}/file/artifacts"


def test_the_plugin_is_found():
    registry = load_plugins()
    assert registry.storage("s3") is FsspecStorage
    (record,) = [plugin for plugin in registry.plugins if plugin.name == "fsspec"]
    assert record.error is None


def test_a_file_system_whose_library_is_missing_is_told():
    with pytest.raises(StoreError, match="cannot open artifacts at s3"):
        FsspecStorage.open("s3://bucket/folder")


@pytest.mark.parametrize("place", ["memory://{name}/artifacts", "local://{folder}/artifacts"])
def test_qdash_keeps_its_raw_data_there(tmp_path, place):
    url = place.format(name=uuid.uuid4(), folder=tmp_path)
    with open_qdash(load_settings(home=tmp_path, store_url="memory://", artifacts_url=url)) as qdash:
        assert isinstance(qdash.artifacts, FsspecStorage)
        qdash.artifacts.check()
        assert list(qdash.artifacts.paths()) == []
