"""Tests of the plugin."""

from qdash_testing import OperationCall, OperationContract

from my_plugin_operations import operations as declared


class TestOperations(OperationContract):
    operations = declared

    @classmethod
    def prepare(cls, qdash, access):
        return {"show_temperature": OperationCall()}
