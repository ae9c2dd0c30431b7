"""Help of every command and option."""

from __future__ import annotations

import click

from docs import make_commands
from qdash_cli.app import app

ALL = {"qdash": app, **dict(make_commands.commands())}
LEAVES = {name: command for name, command in ALL.items() if not isinstance(command, click.Group)}
RESULTLESS = {"qdash api", "qdash mcp", "qdash task figure", "qdash ui", "qdash up", "qdash worker"}
"""Commands that always print JSON, or run until they are stopped. Nothing of another kind may be added."""


def first_line(command: click.Command) -> str:
    """Return the first line of a command's help."""
    return (command.help or "").partition("\n")[0]


def test_there_are_commands() -> None:
    assert len(LEAVES) > 30


def test_a_command_says_what_it_does() -> None:
    helps = {name: first_line(command) for name, command in ALL.items()}

    assert {
        name: line for name, line in helps.items() if not (line.endswith(".") and line[0].isupper())
    } == {}


def test_an_option_says_what_it_is_for() -> None:
    assert [
        f"{name} {parameter.opts[0]}"
        for name, command in ALL.items()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ] == []


def test_a_command_that_prints_a_result_takes_json() -> None:
    options = {
        name: {option for parameter in command.params for option in parameter.opts}
        for name, command in LEAVES.items()
    }

    assert {name for name, taken in options.items() if "--json" not in taken} == RESULTLESS & options.keys()
