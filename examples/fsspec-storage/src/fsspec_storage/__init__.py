"""A plugin that stores raw data on any file system of fsspec."""

from qdash_core import hookimpl


@hookimpl
def qdash_storages():
    from fsspec_storage.storage import FsspecStorage

    return [FsspecStorage]
