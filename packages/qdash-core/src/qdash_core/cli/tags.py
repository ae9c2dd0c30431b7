"""Command `qdash tag`: the tags of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.operation_commands import add_commands
from qdash_core.cli.rendering.output import emit_json, print_message
from qdash_core.resources import tags
from qdash_core.resources.requests.tags import TagReplacementRequest

if TYPE_CHECKING:
    from qdash_core.documents.tags import TagReplacementDocument


@click.group()
def tag() -> None:
    """Add, list, rename and remove the tags of a project."""


add_commands(tag, tags.operations)


@tag.command()
@click.argument("names", metavar="TAG...", nargs=-1, required=True)
@click.option("--to", required=True, metavar="NAME", help="New name, or the tag to merge with.")
@access_options
@options.json_option
def rename(names: tuple[str, ...], to: str, command_user: CommandUser, as_json: bool) -> None:
    """Rename a tag in the list and in all tagged objects, or merge tags into one."""
    with command_user.connect() as home:
        done = home.ask(tags.replace_tags, TagReplacementRequest(names=list(names), to=to))
    _show_replacement(done, as_json=as_json)


@tag.command()
@click.argument("name", metavar="TAG")
@click.option("--everywhere", is_flag=True, help="Remove it from all tagged objects as well.")
@access_options
@options.json_option
def delete(name: str, everywhere: bool, command_user: CommandUser, as_json: bool) -> None:
    """Remove a tag from the list. Records keep it, unless --everywhere is given."""
    with command_user.connect() as home:
        if everywhere:
            done = home.ask(tags.replace_tags, TagReplacementRequest(names=[name]))
        else:
            gone = home.ask(tags.delete_tag, name)
    if everywhere:
        _show_replacement(done, as_json=as_json)
    elif as_json:
        emit_json(gone)
    else:
        print_message(f"tag {gone.name} was removed from the list; records keep it")


def _show_replacement(done: TagReplacementDocument, *, as_json: bool) -> None:
    if as_json:
        emit_json(done)
        return
    names = ", ".join(done.names)
    result = "removed" if done.to is None else f"replaced by {done.to}"
    print_message(f"{names} {result} in {done.use}")
