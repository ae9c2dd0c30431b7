"""Command `qdash lock`: instrument locks and their forced release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, print_message
from qdash_core.errors import InvalidInputError
from qdash_core.models.claims import describe_resources

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

    with command_user.open_for_reading() as (qdash, access):
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
@click.option("--execution", "execution_id", metavar="ID", help="Release only the lock of this execution.")
@click.option("--force", is_flag=True, help="Release it although its run may be alive, and stop that run.")
@click.option("--reason", default="", metavar="TEXT", help="Reason, for the record.")
@access_options
@options.json_option
def release(
    chip: str | None,
    everything: bool,
    execution_id: str | None,
    force: bool,
    reason: str,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Release the locks on the instrument of CHIP.

    The lock of a dead run is released at once, that of a live run only with --force: its record then names the
    user, and the run stops without writing further results. If several live runs share CHIP and one is another
    user's, name the one to stop with --execution.
    """
    if (chip is None) is not everything:
        raise InvalidInputError("name a CHIP or use --all, not both")
    from qdash_core.documents.locks import ReleasedDocument

    with command_user.open_for_writing() as (qdash, access):
        released = qdash.lock_release.release(
            access, chip, execution_id=execution_id, force=force, reason=reason
        )
        chips = qdash.locks.list_sharing_chips(released)
    if as_json:
        emit_json(ReleasedDocument.from_locks(released, chips))
    else:
        lines = (f"{_describe_released(one)} is free now; {_describe_end(one)}" for one in released)
        print_message("\n".join(lines) or f"{_describe_scope(access.project_id, chip)} is free")


def _describe_scope(project_id: str, chip: str | None) -> str:
    return f"project {project_id}" if chip is None else f"chip {chip} of project {project_id}"


def _describe_released(status: LockStatus) -> str:
    return describe_resources(status.lock.resources) or f"instrument {status.lock.instrument}"


def _describe_end(status: LockStatus) -> str:
    return f"{status.run} {'stops' if status.locked else 'had already died'}"
