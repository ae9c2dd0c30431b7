"""Feature of entities: flat records with fields, commands, routes and a page that a plugin or a feature declares."""

from __future__ import annotations

from qdash_core.features.declarations import Feature

FEATURE = Feature("entities", collections=("qdash_builtin.entities.collections:PLUGIN_RECORD",))
