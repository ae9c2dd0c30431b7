"""Tests of the plugin."""

from qdash_testing import StoreContract

from my_plugin import MyPluginStore


class TestMyPluginStore(StoreContract):
    store_class = MyPluginStore

    def url(self, tmp_path):
        return f"my-plugin:///{tmp_path}/qdash.db"
