"""Every command and option says what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from qdash_core.cli.app import _COMMANDS, app

if TYPE_CHECKING:
    from collections.abc import Iterator


def commands(
    path: tuple[str, ...], command: click.Command
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield a command and all below it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            # Whatever other plugins happen to be installed is theirs to describe.
            if below.callback is not None and below.callback.__module__.startswith("qdash_"):
                yield from commands((*path, name), below)


ALL = dict(commands(("qdash",), app))
LEAVES = {path: command for path, command in ALL.items() if not isinstance(command, click.Group)}
RESULTLESS = {("qdash", "task", "figure")}
"""Commands that print a document anyway. Nothing may be added."""


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_a_command_says_what_it_does(path: tuple[str, ...]) -> None:
    first = (ALL[path].help or "").partition("\n")[0]

    assert first.endswith("."), f"no sentence of help: {first!r}"
    assert first[0].isupper()


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_an_option_says_what_it_is_for(path: tuple[str, ...]) -> None:
    for parameter in ALL[path].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{parameter.opts[0]} has no help"


@pytest.mark.parametrize("path", sorted(LEAVES.keys() - RESULTLESS), ids=" ".join)
def test_a_command_that_prints_a_result_takes_json(path: tuple[str, ...]) -> None:
    assert "--json" in {option for parameter in LEAVES[path].params for option in parameter.opts}


@pytest.mark.parametrize("name", _COMMANDS)
def test_the_table_of_commands_says_what_their_help_says(name: str) -> None:
    assert (ALL[("qdash", name)].help or "").partition("\n")[0] == _COMMANDS[name][1]
