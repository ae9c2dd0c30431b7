"""Feature with an entity: records with routes, commands, a page, attached files, and events such as `my-plugin-record.created`."""

from qdash_core import Feature, Section

FEATURE = Feature(
    "my-plugin",
    entities={"my-plugin-record": "my_plugin_records:RECORDS"},
    operations=("my_plugin_operations:operations",),
    sections=(Section("execution", "My plugin", "my_plugin_section:draw"),),
)
