"""Commands `qdash ask`: questions to the assistant, and conversations with it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.proposals import confirm, discard
from qdash_core.cli.rendering.output import emit, emit_json, print_message
from qdash_core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.assistants.running_answer import RunningAnswer
    from qdash_core.models.conversation import ConversationMessageModel

_CANCEL_WAIT_S = 5.0


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


_conversation_argument: Callable[..., Any] = click.argument("conversation_id", metavar="CONVERSATION")
_limit_option: Callable[..., Any] = click.option(
    "--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="Maximum number of entries."
)


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
    from qdash_core.assistant_tools.answer_tools import AnswerTools
    from qdash_core.documents.conversations import AskedDocument
    from qdash_core.models.conversation import AnswerState

    if conversation is not None and (chip is not None or share):
        raise InvalidInputError("--chip and --share are for a new conversation: leave out --conversation")
    with command_user.open_for_writing() as (qdash, access):
        known = None if conversation is None else qdash.conversations.resolve_id(access, conversation)
        answer = qdash.answers.ask(access, known, text, AnswerTools(qdash), chip_id=chip, shared=share)
        try:
            message = _follow(answer, quiet=as_json)
        except KeyboardInterrupt:
            answer.cancel(f"cancelled by {access.username}")
            answer.wait(_CANCEL_WAIT_S)
            raise
    if as_json:
        emit_json(AskedDocument.from_message(message))
    else:
        _show_end(message)
    ctx.exit(message.state is not AnswerState.COMPLETED)


def _follow(answer: RunningAnswer, *, quiet: bool) -> ConversationMessageModel:
    """Print the parts of an answer as they arrive, and return the whole message."""
    from qdash_core.assistants.answer_text import replace_hidden_characters
    from qdash_core.cli.rendering.conversations import print_tool_call, print_tool_result
    from qdash_core.documents.conversations import ToolCallDocument, ToolResultDocument
    from qdash_core.hooks.assistants import TextPart, ToolCallPart, ToolResultPart

    for event in answer:
        if quiet:
            continue
        if isinstance(event, TextPart):
            emit(replace_hidden_characters(event.text))
        elif isinstance(event, ToolCallPart):
            print_tool_call(ToolCallDocument.from_record(event))
        elif isinstance(event, ToolResultPart):
            print_tool_result(ToolResultDocument.from_record(event))
    return answer.message


def _show_end(message: ConversationMessageModel) -> None:
    from qdash_core.cli.rendering.conversations import print_answer_end
    from qdash_core.documents.conversations import ConversationMessageDocument

    if message.answer and not message.answer.endswith("\n"):
        emit("\n")
    print_answer_end(ConversationMessageDocument.from_message(message), message.conversation_id)
    print_message(
        f"conversation {message.conversation_id}: `qdash ask --conversation last QUESTION` continues it"
    )


@ask.command()
@access_options
@options.json_option
def status(command_user: CommandUser, as_json: bool) -> None:
    """Show whether the assistant can answer, or which setting is missing, and the tokens that are left."""
    from qdash_core.cli.rendering.conversations import print_assistant
    from qdash_core.resources.conversations import show_assistant

    with command_user.connect() as home:
        document = home.ask(show_assistant)
        zone = home.zone
    if as_json:
        emit_json(document)
    else:
        print_assistant(document, zone)


@ask.command("list")
@click.option("--chip", metavar="CHIP", help="Only conversations about this chip.")
@_limit_option
@click.option("--after", metavar="CURSOR", help="The next page: the cursor that the previous one printed.")
@access_options
@options.json_option
def list_conversations(
    chip: str | None, limit: int, after: str | None, command_user: CommandUser, as_json: bool
) -> None:
    """List your conversations and those shared with the project, newest activity first."""
    from qdash_core.cli.rendering.conversations import print_conversations
    from qdash_core.resources import conversations

    with command_user.connect() as home:
        page = home.ask(conversations.list_conversations.paged(limit=limit, after=after), chip)
        zone = home.zone
    if as_json:
        emit_json(page.items)
    elif page.items:
        print_conversations(page.items, zone)
        if page.next is not None:
            print_message(f"and more: --after {page.next}")
    else:
        print_message('no conversations: `qdash ask "QUESTION"` begins one')


@ask.command()
@_conversation_argument
@_limit_option
@click.option("--after", metavar="CURSOR", help="Older questions: the cursor that the previous page printed.")
@access_options
@options.json_option
def show(
    conversation_id: str, limit: int, after: str | None, command_user: CommandUser, as_json: bool
) -> None:
    """Show a conversation with its newest questions, their answers, tools and tokens."""
    from qdash_core.cli.rendering.conversations import print_conversation
    from qdash_core.resources.conversations import show_conversation

    with command_user.connect() as home:
        document = home.ask(show_conversation.paged(limit=limit, after=after), conversation_id)
        zone = home.zone
    if as_json:
        emit_json(document)
    else:
        print_conversation(document, zone)


@ask.command()
@_conversation_argument
@click.option("--title", metavar="TEXT", help="Title.")
@click.option("--share/--private", "shared", default=None, help="Share it with the project, or not.")
@access_options
@options.json_option
def edit(
    conversation_id: str,
    title: str | None,
    shared: bool | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Rename a conversation, share it with the project, or make it private again, as its author."""
    from qdash_core.resources.conversations import edit_conversation
    from qdash_core.resources.requests.conversations import ConversationEdit

    if title is None and shared is None:
        raise InvalidInputError("nothing to change: use --title TEXT, --share or --private")
    given = {"title": title, "shared": shared}
    asked = ConversationEdit(**{name: value for name, value in given.items() if value is not None})
    with command_user.connect() as home:
        document = home.ask(edit_conversation, conversation_id, asked)
    if as_json:
        emit_json(document)
    else:
        readers = "shared with the project" if document.shared else "private"
        print_message(f"conversation {document.conversation_id} is {readers}: {document.title}")


@ask.command()
@_conversation_argument
@access_options
@options.json_option
def cancel(conversation_id: str, command_user: CommandUser, as_json: bool) -> None:
    """Cancel the running answer of a conversation, also one of the host."""
    from qdash_core.resources.conversations import cancel_answer

    with command_user.connect() as home:
        document = home.ask(cancel_answer, conversation_id)
    if as_json:
        emit_json(document)
    else:
        known = document.conversation_id
        print_message(f"the running answer of conversation {known} ends within seconds, if there is one")


@ask.command()
@_conversation_argument
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@access_options
@options.json_option
def delete(conversation_id: str, yes: bool, command_user: CommandUser, as_json: bool) -> None:
    """Delete a conversation with all its texts, as its author or an owner of the project."""
    from qdash_core.resources.conversations import delete_conversation, show_conversation

    with command_user.connect() as home:
        try:
            known = home.ask(show_conversation.paged(limit=1), conversation_id).conversation_id
        except NotFoundError:  # an owner may delete a conversation that they may not read
            known = conversation_id
        if not yes:
            if as_json or not sys.stdin.isatty():
                raise InvalidInputError(f"conversation {known} would be deleted permanently: use --yes")
            if not click.confirm(f"Delete conversation {known} with all its texts permanently?"):
                return
        home.ask(delete_conversation, known)
    if as_json:
        emit_json({"conversation_id": known})
    else:
        print_message(f"conversation {known} was deleted; the tokens that it used still count")


ask.add_command(confirm)
ask.add_command(discard)
