"""`qdash lock`: who has a project or chip for itself, and how it is taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.output import emit_json
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from qdash_core.lease.service import LeaseStatus

_LEASE = ("host", "pid", "acquired_at", "expires_at", "execution_id")


@click.group()
def lock() -> None:
    """Show who has a project or chip for itself, and take it away."""


@lock.command()
@options.project
@options.as_json
def status(project: str | None, as_json: bool) -> None:
    """Show who holds the lock."""
    from qdash_core.application import open_qdash

    with open_qdash() as qdash:
        project_id = qdash.projects.require(project)
        found = qdash.leases.of_project(project_id)
        zone, scope = qdash.settings.zone, qdash.settings.lock_scope
    if as_json:
        locks = [_document(one) for one in found]
        first = locks[0] if locks else {"locked": False, "owner": None} | dict.fromkeys(_LEASE)
        by_chip = {"locks": locks} if scope == "chip" or any(one.lease.chip_id for one in found) else {}
        emit_json({**first, "locked": any(one.locked for one in found), **by_chip})
    else:
        click.echo("\n".join(one.told(zone) for one in found) or f"project {project_id} is free")


@lock.command()
@click.option("--force", is_flag=True, help="Take the lock away, whoever holds it; nothing is done without.")
@click.option("--chip", metavar="CHIP", help="Only the lock of one chip, where chips are locked one by one.")
@options.project
@options.user
@options.as_json
def release(force: bool, chip: str | None, project: str | None, user: str, as_json: bool) -> None:
    """Take the lock away from whoever holds it.

    A run that still lives notices the loss and stops by itself: it writes nothing more.
    """
    from qdash_core.application import open_qdash

    with open_qdash() as qdash:
        project_id = qdash.projects.require_editor(user, project)
        found = [one for one in qdash.leases.of_project(project_id) if chip in (None, one.lease.chip_id)]
        if chip is not None and not found:  # a lease may outlive its chip; a name that was mistyped is told
            qdash.chips.show(project_id, chip)
        told = [f"{one.told(qdash.settings.zone)} {_consequence(one)}" for one in found]
        if not force:
            held = " ".join(told) or f"project {project_id} is free."
            raise InvalidInputError(f"{held} --force takes a lock away")
        for line in told:
            click.echo(line, err=True)
        released = [one for one in found if qdash.leases.take_away(one)]
    if as_json:
        emit_json({"released": [_document(one) for one in released]})
    else:
        click.echo("\n".join(f"{one.subject} is free now" for one in released) or "nothing was locked")


def _document(status: LeaseStatus) -> dict[str, Any]:
    return {
        "locked": status.locked,
        "owner": status.username,
        **status.lease.model_dump(mode="json", include=set(_LEASE)),
        "chip_id": status.lease.chip_id or None,
        "holder": str(status.holder),
    }


def _consequence(status: LeaseStatus) -> str:
    if not status.locked:
        return "Releasing the lock harms nobody."
    return (
        "Once the lock is released, that run notices it and stops by itself: what it is measuring is lost, what it has "
        "recorded stays."
    )
