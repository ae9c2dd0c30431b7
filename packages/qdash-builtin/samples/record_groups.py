"""Recorder of the commands that help shows: `python packages/qdash-builtin/samples/record_groups.py`."""

from __future__ import annotations

from qdash_cli.recorded_groups import FILE, describe_commands
from qdash_core.features.discovery import list_feature_distributions
from qdash_core.hooks.manager import load_plugins

if __name__ == "__main__":
    features = load_plugins(blocked=(), installed_too=list_feature_distributions()).features()
    FILE.write_text(describe_commands(features.values()), "utf-8")
