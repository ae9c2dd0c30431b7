"""Commands `qdash release`: create, list, show, diff, revert, export and delete."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_builtin.comparisons.commands import print_comparison
from qdash_builtin.comparisons.views.comparisons import PointComparisonDocument
from qdash_builtin.exchange.commands.chip_files import write_export
from qdash_builtin.exchange.commands.device_options import DeviceOptions, device_options
from qdash_builtin.exchange.operations import releases
from qdash_builtin.exchange.views.releases import ReleaseDocument, ReleaseHeader
from qdash_builtin.values.commands.values import (
    GivenTargets,
    metrics_option,
    reason_option,
    revert_values,
    target_options,
)
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import emit_json, format_values, print_message, print_table
from qdash_cli.rendering.times import format_time_header
from qdash_core.documents.pages import PageOf
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo


@click.group()
def release() -> None:
    """Name, compare, restore and export sets of accepted values."""


@release.command("revert")
@click.argument("chip_id", metavar="CHIP")
@click.argument("name", metavar="NAME")
@target_options
@metrics_option
@reason_option
@click.option("--dry-run", is_flag=True, help="Show the changes without making them.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation, as without a terminal.")
@access_options
@options.json_option
def revert_to_release(
    chip_id: str,
    name: str,
    targets: GivenTargets,
    metrics: str | None,
    reason: str | None,
    dry_run: bool,
    yes: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Restore the values of a release, as `qdash values revert --to release:NAME`."""
    revert_values(
        chip_id,
        f"release:{name}",
        targets,
        metrics,
        reason or "",
        dry_run=dry_run,
        yes=yes,
        command_user=command_user,
        as_json=as_json,
    )


@release.command()
@click.argument("chip_id", metavar="CHIP")
@click.argument("name", metavar="NAME")
@click.option(
    "--format", "format_name", metavar="NAME", help="Format: json (default) or one of `qdash export`."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Output file, or folder for a format with several files; default: standard output.",
)
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@device_options
@access_options
@options.json_option
def export(
    chip_id: str,
    name: str,
    format_name: str | None,
    output: Path | None,
    force: bool,
    device_options: DeviceOptions,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Export the chip of a release to files, in the formats of `qdash export`."""
    from qdash_builtin.exchange.operations.releases import export_files_of_release

    query = device_options.make_query(format_name or "json")
    with command_user.connect() as home:
        exported = home.ask(export_files_of_release, chip_id, name, query)
    write_export(exported, chip_id, format_name or "json", output, force=force, as_json=as_json)


@release.command()
@click.argument("chip_id", metavar="CHIP")
@click.argument("name", metavar="NAME")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@access_options
@options.json_option
def delete(chip_id: str, name: str, yes: bool, command_user: CommandUser, as_json: bool) -> None:
    """Delete a release. The values of the chip stay."""
    with command_user.connect() as home:
        home.ask(releases.show_release, chip_id, name)
        if not yes:
            if as_json or not sys.stdin.isatty():
                raise InvalidInputError(f"release {name} would be deleted permanently: use --yes")
            if not click.confirm(f"Delete release {name} of {chip_id} permanently?"):
                return
        deleted = home.ask(releases.delete_release, chip_id, name)
    if as_json:
        emit_json(deleted)
    else:
        print_message(f"release {name} of {chip_id} was deleted")


def _print_releases(found: Sequence[ReleaseHeader], zone: ZoneInfo) -> None:
    created = format_time_header("created", zone, (one.created_at for one in found))
    print_table(
        ("release", created, "by", "values", "note"),
        (
            (
                one.name,
                one.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
                one.username,
                one.n_values,
                one.note,
            )
            for one in found
        ),
        fold=("note",),
    )


def _print_release(found: ReleaseDocument, _zone: ZoneInfo) -> None:
    note = f": {found.note}" if found.note else ""
    print_message(f"{found.name} of {found.chip_id}, by {found.username}{note}")
    targets = {**found.qubits, **found.couplings}
    print_table(
        ("target", "status", "values"),
        ((target, found.statuses[target], format_values(values)) for target, values in targets.items()),
        fold=("values",),
    )


add_commands(
    release,
    releases.operations,
    {
        ReleaseDocument: _print_release,
        PageOf[ReleaseHeader]: _print_releases,
        PointComparisonDocument: print_comparison,
    },
)
