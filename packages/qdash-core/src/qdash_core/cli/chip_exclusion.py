"""Commands `qdash chip exclude` and `include`: targets excluded from flows by users."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, print_message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.models.chip import CouplingModel, QubitModel

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
    from qdash_core.models.chip import TargetStatus

    status = TargetStatus.DEAD if dead else TargetStatus.EXCLUDED
    with command_user.open_for_writing() as (qdash, access):
        changed = qdash.targets.set_aside(access, chip_id, targets, status, note)
    _show(changed, as_json)


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.argument("targets", metavar="TARGETS")
@_WHY
@access_options
@options.json_option
def include(chip_id: str, targets: str, note: str, command_user: CommandUser, as_json: bool) -> None:
    """Include excluded or dead targets in flows again. They have their former status."""
    with command_user.open_for_writing() as (qdash, access):
        changed = qdash.targets.take_back(access, chip_id, targets, note)
    _show(changed, as_json)


def _show(changed: Sequence[QubitModel | CouplingModel], as_json: bool) -> None:
    from qdash_core.documents.chips import TargetStatusesDocument

    if as_json:
        emit_json(TargetStatusesDocument.from_targets(changed))
        return
    for target in changed:
        print_message(f"{target.qid} of {target.chip_id} is {target.status}: {target.note.content}")
