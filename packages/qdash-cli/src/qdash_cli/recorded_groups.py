"""Commands of QDash's own features as help lists them, recorded, so that neither features nor modules of commands are imported.

`packages/qdash-builtin/samples/record_groups.py` records them after a change of a command's name or first sentence, or of a feature.
"""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, NamedTuple

import click

from qdash_cli.open_group import OpenGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from qdash_core.features.declarations import Feature

FILE = Path(__file__).with_name("groups.json")
_LONGEST = sys.maxsize


class RecordedCommand(NamedTuple):
    """Command of a feature.

    Parameters
    ----------
    feature : str
        Feature that declares it.
    place : str
        The command, `module:attribute`.
    help : str
        First line of its help; of a group that can be listed all of it.
    commands : mapping of str to str, or None
        First sentences of the commands of a group that can be listed, by name: of one that no plugin and no class of its own changes.
    is_open : bool
        Whether it is a group to which plugins may add commands.
    """

    feature: str
    place: str
    help: str
    commands: Mapping[str, str] | None = None
    is_open: bool = False

    @property
    def first_line(self) -> str:
        """First line of the help."""
        return self.help.partition("\n")[0]

    def load(self) -> click.Command:
        """Import and return the command; of an open group a copy."""
        command: click.Command = resolve_name(self.place)
        return command.copy_group() if isinstance(command, OpenGroup) else command

    def make_listing(self, name: str) -> click.Group | None:
        """Return a group whose commands can only be listed, or None if it has to be loaded."""
        if self.commands is None:
            return None
        commands = {one: click.Command(one, help=text) for one, text in self.commands.items()}
        return click.Group(name, help=self.help, commands=commands)


def describe_commands(features: Iterable[Feature]) -> str:
    """Return the text of the record of the commands of features."""
    described = {
        name: _describe(feature, place) for feature in features for name, place in feature.commands.items()
    }
    return json.dumps(described, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _describe(feature: Feature, place: str) -> dict[str, Any]:
    command = resolve_name(place)
    described = {"feature": feature.name, "place": place, "help": command.help.partition("\n")[0]}
    if type(command) is click.Group:
        sentences = {name: one.get_short_help_str(_LONGEST) for name, one in command.commands.items()}
        described |= {"help": command.help, "commands": sentences}
    return described | ({"is_open": True} if isinstance(command, OpenGroup) else {})


def read_commands() -> Mapping[str, RecordedCommand]:
    """Return the recorded commands of features that are installed and not blocked, by name."""
    from qdash_core.features.discovery import find_installed

    named = frozenset(one.name for one in find_installed() if one.is_own_feature)
    return _read_commands(os.environ.get("QDASH_BLOCK_PLUGINS", ""), named)


def find_absent_feature(name: str) -> str | None:
    """Return the feature of a recorded command, if it is blocked or not installed."""
    one = _read_record().get(name)
    return None if one is None or name in read_commands() else one.feature


@cache
def _read_record() -> Mapping[str, RecordedCommand]:
    return {name: RecordedCommand(**one) for name, one in json.loads(FILE.read_text("utf-8")).items()}


@cache
def _read_commands(blocked: str, named: frozenset[str]) -> Mapping[str, RecordedCommand]:
    """Return the commands of features that are not blocked, and are named by entry points with all that they require."""
    recorded = _read_record()
    if not blocked and named >= {one.feature for one in recorded.values()}:
        return recorded
    from qdash_core.features.discovery import list_feature_distributions
    from qdash_core.hooks.manager import load_plugins

    present = load_plugins(installed_too=list_feature_distributions()).features()
    return {name: one for name, one in recorded.items() if one.feature in present}
