"""Commands `qdash ask`: questions to the assistant, and conversations with it."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click

from qdash_builtin.conversations import operations as conversations
from qdash_builtin.conversations.answer_text import replace_hidden_characters
from qdash_builtin.conversations.models.conversation import AnswerState
from qdash_builtin.conversations.requests.conversations import ConversationRequest, QuestionRequest
from qdash_builtin.conversations.text_output import (
    print_answer_end,
    print_assistant,
    print_conversation,
    print_conversations,
    print_proposal,
    print_tool_call,
    print_tool_result,
)
from qdash_builtin.conversations.views import (
    AnswerTextDocument,
    AskedDocument,
    AssistantDocument,
    ConversationDocument,
    ConversationHeader,
    ProposalDocument,
    ToolCallDocument,
    ToolResultDocument,
)
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import emit, emit_json, print_message
from qdash_core.documents.pages import PageOf
from qdash_core.errors import InvalidInputError, NotFoundError, QDashError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from qdash_builtin.conversations.views import AnswerDocument
    from qdash_core.operations.transport import Transport


class _Ask(click.Group):
    """Group whose command `question` needs no name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; without a command name they are those of `question`."""
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["question", *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write both forms of the command."""
        formatter.write_usage(ctx.command_path, "QUESTION [OPTIONS]")
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", prefix="       ")


@click.group(cls=_Ask)
def ask() -> None:
    """Ask the assistant about chips, and list, show and delete conversations with it.

    `qdash ask "QUESTION"` is `qdash ask question "QUESTION"`. CONVERSATION is an id, the beginning of one, or `last`.
    """


@ask.command()
@click.argument("text", metavar="QUESTION")
@click.option("--chip", metavar="CHIP", help="Chip that a new conversation is about.")
@click.option("--conversation", metavar="ID|last", help="Ask in this conversation; default: begin a new one.")
@click.option("--share", is_flag=True, help="Share a new conversation with the project.")
@access_options
@options.json_option
@click.pass_context
def question(
    ctx: click.Context,
    text: str,
    chip: str | None,
    conversation: str | None,
    share: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Ask a question and show the answer as it is written. It is kept in a conversation. Requires the role editor.

    Ctrl-C cancels the answer; the text so far is kept.
    """
    from qdash_builtin.conversations.tools.questions import stream_answer

    if conversation is not None and (chip is not None or share):
        raise InvalidInputError("--chip and --share are for a new conversation: leave out --conversation")
    asked = QuestionRequest(question=text).question
    with command_user.connect() as home:
        known = conversation or _begin(home, chip, shared=share)
        parts = stream_answer(home, known, asked)
        try:
            first = next(parts)
        except QDashError:
            if conversation is None:
                home.ask(conversations.delete_conversation, known)
            raise
        with closing(parts):
            message = _follow(first, parts, quiet=as_json)
    if as_json:
        emit_json(message)
    else:
        _show_end(message)
    ctx.exit(message.state is not AnswerState.COMPLETED)


def _begin(home: Transport, chip_id: str | None, *, shared: bool) -> str:
    """Begin a conversation, and return its id."""
    asked = ConversationRequest(chip_id=chip_id, shared=shared)
    return home.ask(conversations.create_conversation, asked).conversation_id


def _follow(first: AnswerDocument, parts: Iterator[AnswerDocument], *, quiet: bool) -> AskedDocument:
    """Print the parts of an answer as they arrive, and return the whole message."""
    assert isinstance(first, AskedDocument)
    message = first
    for part in parts:
        if isinstance(part, AskedDocument):
            message = part
        elif quiet:
            continue
        elif isinstance(part, AnswerTextDocument):
            emit(replace_hidden_characters(part.text))
        elif isinstance(part, ToolCallDocument):
            print_tool_call(part)
        elif isinstance(part, ToolResultDocument):
            print_tool_result(part)
    return message


def _show_end(message: AskedDocument) -> None:
    if message.answer and not message.answer.endswith("\n"):
        emit("\n")
    print_answer_end(message, message.conversation_id)
    print_message(
        f"conversation {message.conversation_id}: `qdash ask --conversation last QUESTION` continues it"
    )


@ask.command()
@click.argument("conversation_id", metavar="CONVERSATION")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@access_options
@options.json_option
def delete(conversation_id: str, yes: bool, command_user: CommandUser, as_json: bool) -> None:
    """Delete a conversation with all its texts, as its author or an owner of the project."""
    with command_user.connect() as home:
        try:
            known = home.ask(conversations.show_conversation.paged(limit=1), conversation_id).conversation_id
        except NotFoundError:  # an owner may delete a conversation that they may not read
            known = conversation_id
        if not yes:
            if as_json or not sys.stdin.isatty():
                raise InvalidInputError(f"conversation {known} would be deleted permanently: use --yes")
            if not click.confirm(f"Delete conversation {known} with all its texts permanently?"):
                return
        home.ask(conversations.delete_conversation, known)
    if as_json:
        emit_json({"conversation_id": known})
    else:
        print_message(f"conversation {known} was deleted; the tokens that it used still count")


def _print_sharing(document: ConversationHeader, _zone: ZoneInfo) -> None:
    readers = "shared with the project" if document.shared else "private"
    print_message(f"conversation {document.conversation_id} is {readers}: {document.title}")


add_commands(
    ask,
    conversations.operations,
    {
        AssistantDocument: print_assistant,
        PageOf[ConversationHeader]: print_conversations,
        ConversationDocument: print_conversation,
        ConversationHeader: _print_sharing,
        ProposalDocument: print_proposal,
    },
)
