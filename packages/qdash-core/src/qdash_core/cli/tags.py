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
    from qdash_core.projects.tags import TagReplacement


@click.group()
def tag() -> None:
    """Add, list, rename and remove the tags of a project."""


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


@tag.command("use")
@access_options
@options.json_option
def list_use(command_user: CommandUser, as_json: bool) -> None:
    """List tags with the numbers of the executions, results, flows and timetables that have them."""
    from qdash_core.documents.tags import UsedTagDocument
    from qdash_core.models.pages import LARGEST_PAGE, PageRequest

    found, request = [], PageRequest(LARGEST_PAGE)
    with command_user.open_for_reading() as (qdash, access):
        while True:
            page = qdash.tags.get_use_page(access, request)
            found += [UsedTagDocument.from_used_tag(one) for one in page.items]
            if page.next is None:
                break
            request = PageRequest(LARGEST_PAGE, page.next)
    if as_json:
        emit_json(found)
    elif found:
        print_table(
            ("tag", "executions", "results", "flows", "timetables"),
            ((one.name, one.n_executions, one.n_results, one.n_flows, one.n_timetables) for one in found),
        )
    else:
        print_message("no tags yet: add one with `qdash tag add NAME` or `qdash calibrate CHIP --tag NAME`")


@tag.command()
@click.argument("names", metavar="TAG...", nargs=-1, required=True)
@click.option("--to", required=True, metavar="NAME", help="New name, or the tag to merge with.")
@access_options
@options.json_option
def rename(names: tuple[str, ...], to: str, command_user: CommandUser, as_json: bool) -> None:
    """Rename a tag in the list and in all tagged objects, or merge tags into one."""
    with command_user.open_for_writing() as (qdash, access):
        done = qdash.tags.replace(access, names, to)
    _show_replacement(done, as_json=as_json)


@tag.command()
@click.argument("name", metavar="TAG")
@click.option("--everywhere", is_flag=True, help="Remove it from all tagged objects as well.")
@access_options
@options.json_option
def delete(name: str, everywhere: bool, command_user: CommandUser, as_json: bool) -> None:
    """Remove a tag from the list. Records keep it, unless --everywhere is given."""
    if everywhere:
        with command_user.open_for_writing() as (qdash, access):
            done = qdash.tags.replace(access, [name], None)
        _show_replacement(done, as_json=as_json)
        return
    with command_user.open_for_writing() as (qdash, access):
        gone = qdash.tags.delete(access, name)
    _show(gone, f"tag {gone.name} was removed from the list; records keep it", as_json=as_json)


def _show(found: TagModel, message: str, *, as_json: bool) -> None:
    from qdash_core.documents.tags import TagDocument

    if as_json:
        emit_json(TagDocument.from_record(found))
    else:
        print_message(message)


def _show_replacement(done: TagReplacement, *, as_json: bool) -> None:
    from qdash_core.documents.tags import TagReplacementDocument

    if as_json:
        emit_json(TagReplacementDocument.from_replacement(done))
        return
    names = ", ".join(done.names)
    result = "removed" if done.to is None else f"replaced by {done.to}"
    print_message(f"{names} {result} in {done.use}")
