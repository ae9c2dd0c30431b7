"""Marker of hook implementations, and version of the plugin contract."""

from __future__ import annotations

from pluggy import HookimplMarker

PLUGIN_API = 1
"""Major version of the plugin contract. A plugin may declare it as `QDASH_PLUGIN_API`."""

hookimpl = HookimplMarker("qdash")
"""Marks a function as the implementation of a hook of `qdash_core.hooks.specs`."""
