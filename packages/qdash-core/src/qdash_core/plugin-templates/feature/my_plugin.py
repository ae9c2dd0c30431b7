"""Feature: a light declaration, whose parts are imported when they are used."""

from qdash_core import Feature, hookimpl

FEATURE = Feature("my-plugin", operations=("my_plugin_operations:operations",))


@hookimpl
def qdash_features():
    return [FEATURE]
