"""Feature: a light declaration, whose parts are imported when they are used."""

from qdash_core import Feature

FEATURE = Feature("my-plugin", operations=("my_plugin_operations:operations",))
