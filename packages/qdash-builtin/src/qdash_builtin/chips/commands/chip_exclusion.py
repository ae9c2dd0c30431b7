"""Commands `qdash chip exclude` and `include`: targets excluded from flows by users."""

from __future__ import annotations

from typing import Literal

import click

from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import emit_json, print_message

_WHY = click.option("--note", required=True, metavar="TEXT", help="Reason, stored with the target.")


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.argument("targets", metavar="TARGETS")
@_WHY
@click.option("--dead", is_flag=True, help="Mark them as dead: they will not recover.")
@access_options
@options.json_option
def exclude(
    chip_id: str, targets: str, note: str, dead: bool, command_user: CommandUser, as_json: bool
) -> None:
    """Exclude qubits and couplings (3, or 0..3,7,3-4) from flows until they are included again. Their values stay."""
    _set_statuses(chip_id, targets, "dead" if dead else "excluded", note, command_user, as_json=as_json)


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.argument("targets", metavar="TARGETS")
@_WHY
@access_options
@options.json_option
def include(chip_id: str, targets: str, note: str, command_user: CommandUser, as_json: bool) -> None:
    """Include excluded or dead targets in flows again. They have their former status."""
    _set_statuses(chip_id, targets, "included", note, command_user, as_json=as_json)


def _set_statuses(
    chip_id: str,
    targets: str,
    status: Literal["excluded", "dead", "included"],
    note: str,
    command_user: CommandUser,
    *,
    as_json: bool,
) -> None:
    from qdash_builtin.chips.operations.targets import set_target_statuses
    from qdash_builtin.chips.requests.chips import TargetStatusesRequest
    from qdash_core.models.target_lists import parse_targets

    request = TargetStatusesRequest(targets=[*parse_targets(targets)], status=status, note=note)
    with command_user.connect() as home:
        changed = home.ask(set_target_statuses, chip_id, request)
    if as_json:
        emit_json(changed)
        return
    for target in changed.targets:
        why = "" if target.note is None else target.note.content
        print_message(f"{target.target_id} of {target.chip_id} is {target.status}: {why}")
