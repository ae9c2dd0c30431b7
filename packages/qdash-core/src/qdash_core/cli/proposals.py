"""Commands `qdash ask confirm` and `discard`: decisions on the proposals of the assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json

if TYPE_CHECKING:
    from collections.abc import Callable


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
    _decide("confirm", conversation_id, message, proposal_id, command_user, as_json=as_json)


@click.command()
@_proposal_arguments
@access_options
@options.json_option
def discard(
    conversation_id: str, message: int, proposal_id: str, command_user: CommandUser, as_json: bool
) -> None:
    """Discard a proposal of the assistant, so that nobody can confirm it."""
    _decide("discard", conversation_id, message, proposal_id, command_user, as_json=as_json)


def _decide(
    action: str,
    conversation_id: str,
    message: int,
    proposal_id: str,
    command_user: CommandUser,
    *,
    as_json: bool,
) -> None:
    from qdash_core.cli.rendering.conversations import print_proposal
    from qdash_core.documents.conversations import ProposalDocument

    with command_user.open_for_writing() as (qdash, access):
        known = qdash.conversations.resolve_id(access, conversation_id)
        decide = qdash.proposals.confirm if action == "confirm" else qdash.proposals.discard
        document = ProposalDocument.from_proposal(decide(access, known, message, proposal_id))
    if as_json:
        emit_json(document)
    else:
        print_proposal(document)
