"""Recorder of the commands that help shows: `python packages/qdash-core/samples/record_groups.py`."""

from __future__ import annotations

from qdash_core.cli.recorded_groups import DISTRIBUTION, FILE, describe_commands
from qdash_core.hooks.manager import load_plugins

if __name__ == "__main__":
    features = load_plugins(blocked=(), installed_too=(DISTRIBUTION,)).features()
    FILE.write_text(describe_commands(features.values()), "utf-8")
