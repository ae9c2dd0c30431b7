"""Command `qdash lock`: instrument locks and their forced release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, acting
from qdash_core.cli.rendering.output import emit_json, say
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from qdash_core.lease.service import LeaseStatus


@click.group()
def lock() -> None:
    """Show who has a chip and its instrument for itself, and take them away."""


@lock.command()
@acting
@options.as_json
def status(acting: CommandUser, as_json: bool) -> None:
    """Show who measures the chips of a project, or uses their instruments for another one."""
    from qdash_core.documents.leases import LocksDocument

    with acting.reading() as (qdash, access):
        found = qdash.leases.touching(access.project_id)
        chips = qdash.leases.chips_of(found)
        zone = qdash.zone
    if as_json:
        emit_json(LocksDocument.of(found, chips))
    else:
        told = (one.told(zone, access.project_id) for one in found)
        say("\n".join(told) or f"project {access.project_id} is free")


@lock.command()
@click.argument("chip", metavar="[CHIP]", required=False)
@click.option("--all", "everything", is_flag=True, help="Every lock that the runs of the project hold.")
@click.option("--force", is_flag=True, help="Take the lock away, whoever holds it; nothing is done without.")
@acting
@options.as_json
def release(chip: str | None, everything: bool, force: bool, acting: CommandUser, as_json: bool) -> None:
    """Take away what keeps CHIP from being measured, from whoever holds it.

    A run that still lives notices the loss and stops by itself: it writes nothing more.
    """

    if (chip is None) is not everything:
        raise InvalidInputError("name the CHIP whose lock is to be released, or give --all, not both")
    from qdash_core.documents.leases import ReleasedDocument

    with acting.changing() as (qdash, access):
        found = qdash.leases.for_release(access, chip)
        told = [f"{one.told(qdash.zone, access.project_id)} {_consequence(one)}" for one in found]
        if not force:
            held = " ".join(told) or f"{_what(access.project_id, chip)} is free."
            raise InvalidInputError(f"{held} --force takes a lock away")
        for line in told:
            say(line, err=True)
        released = [one for one in found if qdash.leases.take_away(access, one)]
        chips = qdash.leases.chips_of(released)
    if as_json:
        emit_json(ReleasedDocument.of(released, chips))
    else:
        free = (f"instrument {one.lease.instrument} is free now" for one in released)
        say("\n".join(free) or "nothing was locked")


def _what(project_id: str, chip: str | None) -> str:
    return f"project {project_id}" if chip is None else f"chip {chip} of project {project_id}"


def _consequence(status: LeaseStatus) -> str:
    if not status.locked:
        return "Releasing the lock harms nobody."
    return (
        "Once the lock is released, that run notices it and stops by itself: what it is measuring is lost, what it has "
        "recorded stays."
    )
