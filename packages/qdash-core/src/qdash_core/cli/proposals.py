"""Commands `qdash ask confirm` and `discard`: decisions on the proposals of the assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.documents.conversations import ProposalDocument


def _proposal_arguments(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the arguments of a command on a proposal."""
    for argument in (
        click.argument("proposal_id", metavar="PROPOSAL"),
        click.argument("message", type=click.IntRange(min=1), metavar="QUESTION"),
        click.argument("conversation_id", metavar="CONVERSATION"),
    ):
        command = argument(command)
    return command


@click.command()
@_proposal_arguments
@access_options
@options.json_option
def confirm(
    conversation_id: str, message: int, proposal_id: str, command_user: CommandUser, as_json: bool
) -> None:
    """Perform a proposal of the assistant, once, with your rights.

    QUESTION and PROPOSAL are the numbers that `qdash ask show CONVERSATION` shows. If the record has changed since the proposal was
    drafted, it expires instead. The record names you and the assistant.
    """
    from qdash_core.resources.conversations import confirm_proposal

    with command_user.connect() as home:
        decided = home.ask(confirm_proposal, conversation_id, message, proposal_id)
    _show(decided, as_json=as_json)


@click.command()
@_proposal_arguments
@access_options
@options.json_option
def discard(
    conversation_id: str, message: int, proposal_id: str, command_user: CommandUser, as_json: bool
) -> None:
    """Discard a proposal of the assistant, so that nobody can confirm it."""
    from qdash_core.resources.conversations import discard_proposal

    with command_user.connect() as home:
        decided = home.ask(discard_proposal, conversation_id, message, proposal_id)
    _show(decided, as_json=as_json)


def _show(decided: ProposalDocument, *, as_json: bool) -> None:
    from qdash_core.cli.rendering.conversations import print_proposal

    if as_json:
        emit_json(decided)
    else:
        print_proposal(decided)
