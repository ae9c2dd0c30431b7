"""Tests of the plugin."""

from qdash_core import BackendContext
from qdash_testing import BackendContract

from my_plugin import MyPluginBackend


class TestMyPluginBackend(BackendContract):
    backend_class = MyPluginBackend

    def context(self, tmp_path):
        return BackendContext(project_id="default", chip_id="bench", qids=(), home=tmp_path)
