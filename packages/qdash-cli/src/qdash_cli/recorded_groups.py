"""Commands of QDash's own features as help lists them, recorded, so that neither features nor modules of commands are imported.

`packages/qdash-builtin/samples/record_groups.py` records them after a change of a command's name or first sentence, or of a feature.
"""

from __future__ import annotations

import json
import os
import sys
from collections import UserDict
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, NamedTuple

import click

from qdash_cli.open_group import OpenGroup, copy_group

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from qdash_core.features.declarations import Feature

FILE = Path(__file__).with_name("groups.json")
_LONGEST = sys.maxsize


class FurtherCommands(NamedTuple):
    """Commands that a feature adds to the group of another one.

    `place` is the group with the commands, `module:attribute`; values of `commands` are first sentences.
    """

    feature: str
    place: str
    commands: Mapping[str, str]


class _Commands(UserDict[str, click.Command]):
    """Commands of a group; those of other features are imported when they are used."""

    def __init__(self, own: Mapping[str, click.Command], further: Iterable[FurtherCommands]) -> None:
        self._places = {name: one.place for one in further for name in one.commands}
        super().__init__({**own, **{name: click.Command(name) for name in self._places}})

    def __getitem__(self, name: str) -> click.Command:
        if name in self._places:
            self.data[name] = resolve_name(self._places.pop(name)).commands[name]
        return super().__getitem__(name)


class RecordedCommand(NamedTuple):
    """Command of a feature.

    Parameters
    ----------
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
    further: Sequence[FurtherCommands] = ()

    @property
    def first_line(self) -> str:
        """First line of the help."""
        return self.help.partition("\n")[0]

    def load(self) -> click.Command:
        """Import and return the command; a group to which others add commands is a copy with those of features."""
        command: click.Command = resolve_name(self.place)
        if not (self.is_open or self.further):
            return command
        assert isinstance(command, click.Group)
        group = copy_group(command)
        if self.further:
            group.commands = _Commands(group.commands, self.further)
        return group

    def make_listing(self, name: str) -> click.Group | None:
        """Return a group whose commands can only be listed, or None if it has to be loaded."""
        if self.commands is None:
            return None
        described = [self.commands, *(one.commands for one in self.further)]
        commands = [click.Command(one, help=text) for each in described for one, text in each.items()]
        return click.Group(name, help=self.help, commands=commands)


def describe_commands(features: Iterable[Feature]) -> str:
    """Return the text of the record of the commands of features."""
    known = sorted(features, key=lambda one: one.name)
    described = {
        name: _describe(feature, place) for feature in known for name, place in feature.commands.items()
    }
    for feature in known:
        for group, place in feature.further_commands.items():
            sentences = _list_first_sentences(resolve_name(place))
            further = FurtherCommands(feature.name, place, sentences)._asdict()
            described[group].setdefault("further", []).append(further)
    return json.dumps(described, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _describe(feature: Feature, place: str) -> dict[str, Any]:
    command = resolve_name(place)
    described = {"feature": feature.name, "place": place, "help": command.help.partition("\n")[0]}
    if type(command) is click.Group:
        described |= {"help": command.help, "commands": _list_first_sentences(command)}
    return described | ({"is_open": True} if isinstance(command, OpenGroup) else {})


def _list_first_sentences(group: click.Group) -> dict[str, str]:
    return {name: one.get_short_help_str(_LONGEST) for name, one in group.commands.items()}


def read_commands() -> Mapping[str, RecordedCommand]:
    """Return the recorded commands of features that are installed and not blocked, by name."""
    from qdash_core.features.discovery import find_installed

    named = frozenset(one.name for one in find_installed() if one.is_own_feature)
    return _read_commands(os.environ.get("QDASH_BLOCK_PLUGINS", ""), named)


def find_absent_feature(name: str, group: str | None = None) -> str | None:
    """Return the feature of a recorded command, or of one that it adds to a group, if it is blocked or not installed."""
    recorded = _read_record()
    if group is not None:
        adding = recorded[group].further if group in recorded else ()
        return next((one.feature for one in adding if name in one.commands), None)
    return None if name not in recorded or name in read_commands() else recorded[name].feature


@cache
def _read_record() -> Mapping[str, RecordedCommand]:
    return {name: _read_command(**one) for name, one in json.loads(FILE.read_text("utf-8")).items()}


def _read_command(*, further: Iterable[Mapping[str, Any]] = (), **described: Any) -> RecordedCommand:
    return RecordedCommand(**described, further=[FurtherCommands(**one) for one in further])


@cache
def _read_commands(blocked: str, named: frozenset[str]) -> Mapping[str, RecordedCommand]:
    """Return the commands of features that are not blocked, and are named by entry points with all that they require."""
    recorded = _read_record()
    adding = {one.feature for each in recorded.values() for one in each.further}
    if not blocked and named >= {one.feature for one in recorded.values()} | adding:
        return recorded
    from qdash_core.features.discovery import list_feature_distributions
    from qdash_core.hooks.manager import load_plugins

    present = load_plugins(installed_too=list_feature_distributions()).features()
    return {
        name: one._replace(further=[each for each in one.further if each.feature in present])
        for name, one in recorded.items()
        if one.feature in present
    }
