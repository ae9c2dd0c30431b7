"""Groups of commands as their help lists them, recorded, so that it imports none of their modules.

`packages/qdash-core/samples/record_groups.py` records them after a change of a command's name or first sentence.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).with_name("groups.json")
_LONGEST = sys.maxsize


def describe_groups(groups: Mapping[str, click.Group]) -> str:
    """Return the text of the record: the help of each group, and the first sentence of the help of each of its commands."""
    described = {
        name: {
            "help": group.help,
            "commands": {
                one: command.get_short_help_str(_LONGEST) for one, command in group.commands.items()
            },
        }
        for name, group in groups.items()
    }
    return json.dumps(described, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read_group(name: str) -> click.Group | None:
    """Return a recorded group, whose commands can only be listed, or None."""
    recorded = json.loads(FILE.read_text("utf-8")).get(name)
    if recorded is None:
        return None
    commands = {one: click.Command(one, help=text) for one, text in recorded["commands"].items()}
    return click.Group(name, help=recorded["help"], commands=commands)
