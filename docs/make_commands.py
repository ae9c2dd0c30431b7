"""Generator of the page of the commands, from their declarations."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

import click

from docs.docstrings import make_cell
from qdash_cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTRODUCTION = """\
# Commands

Every command of QDash and of the members of its repository, as `qdash COMMAND --help` describes them. [scripting.md](scripting.md) lists what they print with
`--json`, and the exit statuses.
"""


def make_page() -> str:
    """Return the text of the page."""
    return "\n".join([_INTRODUCTION, *(_describe(name, command) for name, command in commands())])


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command of the workspace by its whole name, groups before their commands."""
    yield from _below("qdash", app)


def _below(
    name: str, command: click.Command, above: click.Context | None = None
) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        return
    context = click.Context(command, parent=above)  # a group finds commands of plugins by the root
    for child in command.list_commands(context):
        found = command.get_command(context, child)
        if found is not None and is_ours(found):
            yield f"{name} {child}", found
            yield from _below(f"{name} {child}", found, context)


def is_ours(command: click.Command) -> bool:
    """Return whether a command belongs to the workspace: installed plugins document their own."""
    return command.callback is not None and command.callback.__module__.startswith("qdash_")


def _describe(name: str, command: click.Command) -> str:
    """Return the section of a command."""
    level = "##" if name.count(" ") == 1 else "###"
    parts = [f"{level} {name}\n", _text(command.help or command.short_help or "")]
    if not isinstance(command, click.Group):
        usage = " ".join(command.collect_usage_pieces(click.Context(command)))
        parts.insert(1, f"```text\n{name} {usage}\n```\n")
    parts += _options(command)
    return "\n".join(parts)


def _text(help_text: str) -> str:
    """Return a help text as Markdown: click marks blocks with verbatim lines by a backspace."""
    paragraphs = []
    for part in re.split(r"\n\s*\n", help_text.partition("\f")[0].strip()):
        verbatim = part.startswith("\b\n")
        paragraphs.append(f"```text\n{part[2:]}\n```" if verbatim else _escape(" ".join(part.split())))
    return "\n\n".join(paragraphs) + "\n"


def _options(command: click.Command) -> list[str]:
    context = click.Context(command)
    records = [
        record
        for one in command.params
        if isinstance(one, click.Option) and (record := one.get_help_record(context)) is not None
    ]
    if not records:
        return []
    rows = [f"| `{make_cell(names)}` | {_escape(make_cell(text))} |" for names, text in records]
    return ["| option | meaning |\n|---|---|", *rows, ""]


def _escape(text: str) -> str:
    """Return a text in which Markdown finds code between backticks, and nothing else."""
    parts = text.split("`")
    return "`".join(
        part if place % 2 else re.sub(r"([\\*_\[\]#!])", r"\\\1", escape(part, quote=False))
        for place, part in enumerate(parts)
    )
