"""Operations: routes of the host and commands."""

from qdash_builtin.entities import open_entity
from qdash_core import Call, Command, Document, Filter, PageOf, PluginOperations, RequiredRole

from my_plugin_records import RECORDS

operations = PluginOperations("my-plugin")


class OfChip(Filter):
    chip_id: str


class Remark(Document):
    name: str
    remark: str


@operations.get("/remarks", needs=RequiredRole.VIEWER, command=Command("remarks"))
def list_remarks(call: Call, query: OfChip) -> PageOf[Remark]:
    """List the remarks on a chip."""
    page = open_entity(call.qdash, RECORDS).page(call.access, call.page, filters=query.model_dump())
    return PageOf.from_page(page, Remark.from_record)
