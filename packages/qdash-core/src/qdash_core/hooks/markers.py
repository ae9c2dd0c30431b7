"""What marks the implementation of a hook, and which contract a plugin is written for."""

from __future__ import annotations

from pluggy import HookimplMarker

PLUGIN_API = 1
"""Major version of the plugin contract. A plugin states it as `QDASH_PLUGIN_API` when it cares."""

hookimpl = HookimplMarker("qdash")
"""Marks a function as the implementation of a hook of `qdash_core.hooks.specs`."""
