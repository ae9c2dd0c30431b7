"""Recorder of the groups of commands that their help shows: `python packages/qdash-core/samples/record_groups.py`."""

from __future__ import annotations

from qdash_core.cli.app import load_core_groups
from qdash_core.cli.recorded_groups import FILE, describe_groups

if __name__ == "__main__":
    FILE.write_text(describe_groups(load_core_groups()), "utf-8")
