"""Command `qdash lock`: instrument locks and their forced release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, print_message
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from qdash_core.locks.service import LockStatus


@click.group()
def lock() -> None:
    """Show and release instrument locks."""


@lock.command()
@access_options
@options.json_option
def status(command_user: CommandUser, as_json: bool) -> None:
    """Show the locks on the instruments of a project's chips."""
    from qdash_core.documents.locks import LocksDocument

    with command_user.reading() as (qdash, access):
        found = qdash.locks.list_affecting(access.project_id)
        chips = qdash.locks.list_sharing_chips(found)
        zone = qdash.zone
    if as_json:
        emit_json(LocksDocument.from_locks(found, chips))
    else:
        lines = (one.describe(zone, access.project_id) for one in found)
        print_message("\n".join(lines) or f"project {access.project_id} is free")


@lock.command()
@click.argument("chip", metavar="[CHIP]", required=False)
@click.option("--all", "everything", is_flag=True, help="Release every lock of the project's runs.")
@click.option("--force", is_flag=True, help="Confirm the release; without it the lock is only shown.")
@access_options
@options.json_option
def release(
    chip: str | None, everything: bool, force: bool, command_user: CommandUser, as_json: bool
) -> None:
    """Release the lock on the instrument of CHIP.

    A run that is still active notices the loss and stops without writing further results.
    """

    if (chip is None) is not everything:
        raise InvalidInputError("name a CHIP or use --all, not both")
    from qdash_core.documents.locks import ReleasedDocument

    with command_user.changing() as (qdash, access):
        found = qdash.locks.list_releasable(access, chip)
        lines = [
            f"{one.describe(qdash.zone, access.project_id)} {_describe_consequence(one)}" for one in found
        ]
        if not force:
            held = " ".join(lines) or f"{_describe_scope(access.project_id, chip)} is free."
            raise InvalidInputError(f"{held} Release it with --force.")
        for line in lines:
            print_message(line, err=True)
        released = [one for one in found if qdash.locks.force_release(access, one)]
        chips = qdash.locks.list_sharing_chips(released)
    if as_json:
        emit_json(ReleasedDocument.from_locks(released, chips))
    else:
        free = (f"instrument {one.lock.instrument} is free now" for one in released)
        print_message("\n".join(free) or "no locks to release")


def _describe_scope(project_id: str, chip: str | None) -> str:
    return f"project {project_id}" if chip is None else f"chip {chip} of project {project_id}"


def _describe_consequence(status: LockStatus) -> str:
    if not status.locked:
        return "No run is affected by the release."
    return "After the release that run stops: its current measurements are lost, recorded results stay."
