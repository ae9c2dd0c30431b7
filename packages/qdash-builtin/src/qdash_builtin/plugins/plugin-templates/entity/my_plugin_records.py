"""Entity: records about chips, with attached files, which are removed with their chip."""

from typing import Annotated

from qdash_builtin.entities import AcceptedFiles, Editable, PluginRecord, RefersTo, declare_plugin_entity


class MyPluginRecord(PluginRecord):
    name: Annotated[str, Editable("Name.")]
    chip_id: Annotated[str, Editable("Chip."), RefersTo("chip", on_delete="remove")]
    remark: Annotated[str, Editable("Remark.")] = ""


RECORDS = declare_plugin_entity(
    "my-plugin-record",
    "my-plugin-records",
    MyPluginRecord,
    columns=("name", "chip_id", "remark"),
    example={"name": "first", "chip_id": "64Q"},
    attachments=AcceptedFiles(("image/*", "application/pdf")),
)
