"""Command `qdash tag`: the tags of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, print_message, print_table
from qdash_core.cli.rendering.times import format_time

if TYPE_CHECKING:
    from qdash_core.models.project import TagModel


@click.group()
def tag() -> None:
    """Add, list and remove the tags of a project."""


@tag.command()
@click.argument("name", metavar="TAG")
@access_options
@options.json_option
def add(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Add a tag to the list; runs with `--tag` add theirs automatically."""
    with command_user.open_for_writing() as (qdash, access):
        added = qdash.tags.add(access, name)
    _show(added, f"tag {added.name}: first used by {added.username}", as_json=as_json)


@tag.command("list")
@access_options
@options.json_option
def list_tags(command_user: CommandUser, as_json: bool) -> None:
    """List tags by name."""
    from qdash_core.documents.tags import TagDocument

    with command_user.open_for_reading() as (qdash, access):
        tags = [TagDocument.from_record(one) for one in qdash.tags.list_by_project(access)]
        zone = qdash.zone
    if as_json:
        emit_json(tags)
    elif tags:
        print_table(
            ("tag", "first used by", "since"),
            ((one.name, one.username, format_time(one.created_at, zone)) for one in tags),
        )
    else:
        print_message("no tags yet: add one with `qdash tag add NAME` or `qdash calibrate CHIP --tag NAME`")


@tag.command()
@click.argument("name", metavar="TAG")
@access_options
@options.json_option
def delete(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Remove a tag from the list. Records keep it."""
    with command_user.open_for_writing() as (qdash, access):
        gone = qdash.tags.delete(access, name)
    _show(gone, f"tag {gone.name} was removed from the list; records keep it", as_json=as_json)


def _show(found: TagModel, message: str, *, as_json: bool) -> None:
    from qdash_core.documents.tags import TagDocument

    if as_json:
        emit_json(TagDocument.from_record(found))
    else:
        print_message(message)
