"""A plugin that keeps raw data wherever fsspec can write."""

from qdash_core import hookimpl


@hookimpl
def qdash_storages():
    from fsspec_storage.storage import FsspecStorage

    return [FsspecStorage]
