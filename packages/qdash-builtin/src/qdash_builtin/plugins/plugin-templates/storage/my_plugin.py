"""Storage of raw data at `my-plugin:///folder`: a folder; replace its methods by those of your object store."""

from qdash_core import FilesystemCalibDataSaver, StoreError, hookimpl


class MyPluginStorage(FilesystemCalibDataSaver):
    """Raw data as files below one folder."""

    schemes = ("my-plugin",)

    @classmethod
    def open(cls, url):
        """Open the storage at a URL."""
        if not url.startswith("my-plugin:///"):
            raise StoreError(f"cannot open {url!r}: write my-plugin:///absolute/path")
        return super().open(f"file{url.removeprefix('my-plugin')}")


@hookimpl
def qdash_storages():
    return [MyPluginStorage]
