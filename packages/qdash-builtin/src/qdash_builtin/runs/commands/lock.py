"""Command `qdash lock`: instrument locks and their forced release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.runs.operations import locks
from qdash_builtin.runs.views.locks import LocksDocument
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import emit_json, print_message
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.runs.views.locks import LeaseDocument


@click.group()
def lock() -> None:
    """Show and release instrument locks."""


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
    with command_user.connect() as home:
        if chip is None:
            done = home.ask(locks.release_locks, force=force, execution_id=execution_id, reason=reason)
        else:
            done = home.ask(locks.release_lock, chip, force=force, execution_id=execution_id, reason=reason)
        project = f"project {home.project_id}"
    if as_json:
        emit_json(done)
    else:
        _show(done.released, project if chip is None else f"chip {chip} of {project}")


def _show(found: Sequence[LeaseDocument], whole: str) -> None:
    print_message("\n".join(one.description or "" for one in found) or f"{whole} is free")


def _print_locks(document: LocksDocument, _zone: ZoneInfo) -> None:
    _show(document.leases, f"project {document.project_id}")


add_commands(lock, locks.operations, {LocksDocument: _print_locks})
