"""Tests of the plugin."""

from qdash_builtin.chips import CHIPS
from qdash_builtin.entities import open_entity
from qdash_builtin.runs import EVENTS
from qdash_core import PageRequest, get_builtin_topology
from qdash_testing import OperationCall, OperationContract

import my_plugin_operations as declared


class TestOperations(OperationContract):
    operations = declared.operations

    @classmethod
    def prepare(cls, qdash, access):
        qdash.get(CHIPS).create(access, "64Q", get_builtin_topology("linear-16"), backend="fake")
        open_entity(qdash, declared.RECORDS).create(access, name="first", chip_id="64Q", remark="new")
        assert qdash.get(EVENTS).page(access, PageRequest()).items[0].kind == "my-plugin-record.created"
        return {"list_remarks": OperationCall({"query": declared.OfChip(chip_id="64Q")}, ("--chip", "64Q"))}
