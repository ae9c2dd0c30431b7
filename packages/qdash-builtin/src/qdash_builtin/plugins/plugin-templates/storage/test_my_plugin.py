"""Tests of the plugin."""

from qdash_testing import StorageContract

from my_plugin import MyPluginStorage


class TestMyPluginStorage(StorageContract):
    storage_class = MyPluginStorage

    def url(self, tmp_path):
        return f"my-plugin://{tmp_path}/raw"
