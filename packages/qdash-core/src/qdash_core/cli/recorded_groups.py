"""Groups of commands as their help lists them, recorded, so that it imports none of their modules.

`python -m qdash_core.cli.recorded_groups` records them after a change of a command's name or first sentence.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

FILE = Path(__file__).with_name("groups.json")
_LONGEST = sys.maxsize


def describe_groups() -> str:
    """Return the text of the record: the help of each group, and the first sentence of the help of each of its commands."""
    from qdash_core.cli.app import load_core_groups

    groups = {
        name: {
            "help": group.help,
            "commands": {
                one: command.get_short_help_str(_LONGEST) for one, command in group.commands.items()
            },
        }
        for name, group in load_core_groups().items()
    }
    return json.dumps(groups, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read_group(name: str) -> click.Group | None:
    """Return a recorded group, whose commands can only be listed, or None."""
    recorded = json.loads(FILE.read_text("utf-8")).get(name)
    if recorded is None:
        return None
    commands = {one: click.Command(one, help=text) for one, text in recorded["commands"].items()}
    return click.Group(name, help=recorded["help"], commands=commands)


if __name__ == "__main__":
    FILE.write_text(describe_groups(), "utf-8")
