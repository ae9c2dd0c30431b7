"""Command `qdash note`: notes on chips, qubits, couplings, task results and metrics, and their edit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.notes.commands.note_files import attach, detach, download, files
from qdash_builtin.notes.commands.note_targets import NoteTarget, note_target
from qdash_builtin.notes.commands.note_texts import note_text
from qdash_builtin.notes.operations import note_events, notes
from qdash_builtin.notes.text_output import describe_subject, print_note, print_note_edits, print_notes
from qdash_builtin.notes.views import NoteDocument, TimelineNoteDocument
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import add_commands
from qdash_cli.period_options import (
    EditTimeOptions,
    edit_time_options,
)
from qdash_cli.rendering.output import emit_json, print_message
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import LARGEST_PAGE

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from qdash_builtin.notes.requests import EditRange, NoteRequest
    from qdash_builtin.notes.views import NoteEventDocument
    from qdash_core.operations.operation import Operation

    Text = Callable[[Callable[[], str]], str]
    """Returns the new text of a note; its argument returns the current text."""

_PAGE = 20


@click.group()
def note() -> None:
    """Write and search notes on chips, qubits, couplings, results and metrics."""


@note.command()
@note_target
@note_text
@access_options
@options.json_option
def edit(target: NoteTarget, text: Text, command_user: CommandUser, as_json: bool) -> None:
    """Write or replace a note.

    The note is on CHIP itself, or on the target named by an option. TEXT is the new text, or - to read it from standard input. Without TEXT, on a terminal, the current note
    opens in $EDITOR. The log of edits keeps former texts.
    """

    def former() -> str:
        with command_user.connect() as home:
            return _get_content(target.show(home))

    content = text(former)
    with command_user.connect() as home:
        written = target.write(home, content)
    _show_written(written, as_json=as_json)


@note.command()
@note_target
@access_options
@options.json_option
def clear(target: NoteTarget, command_user: CommandUser, as_json: bool) -> None:
    """Clear a note. `qdash note restore` restores it from the log of edits."""
    with command_user.connect() as home:
        cleared = target.write(home, "")
    _show_written(cleared, as_json=as_json)


@note.command()
@note_target
@access_options
@options.json_option
def show(target: NoteTarget, command_user: CommandUser, as_json: bool) -> None:
    """Show the note on CHIP or a part of it."""
    with command_user.connect() as home:
        found, zone = target.show(home), home.zone
    if as_json:
        emit_json(found)
    else:
        print_note(found, zone)


def _add_page_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options `--limit` and `--after` to a command that lists edits."""
    limit = click.option(
        "--limit",
        type=click.IntRange(1, LARGEST_PAGE),
        default=_PAGE,
        show_default=True,
        help="Maximum number.",
    )
    after = click.option(
        "--after", metavar="CURSOR", help="The next page: the cursor that the previous one printed."
    )
    return limit(after(command))


@note.command()
@click.argument("chip_id", metavar="CHIP")
@edit_time_options
@_add_page_options
@access_options
@options.json_option
def events(
    chip_id: str,
    edited: EditTimeOptions,
    limit: int,
    after: str | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """List the edits of all notes of a chip, newest first, even if the chip was deleted."""
    from qdash_builtin.notes.operations.note_events import note_events_of_chip
    from qdash_builtin.notes.operations.notes import show_note_of_chip

    with command_user.connect() as home:
        zone = home.zone
        operation = note_events_of_chip.paged(limit=limit, after=after)
        page = home.ask(operation, chip_id, _make_range(edited, zone))
        if not page.items and after is None:  # raises if the name is mistyped
            home.ask(show_note_of_chip, chip_id)
    when = "edited in this time" if edited else "ever edited"
    nothing = f"no notes of chip {chip_id} were {when}"
    _print_edits(page, zone, nothing=nothing, as_json=as_json)


@note.command()
@click.argument("words", metavar="TEXT...", nargs=-1, required=True)
@edit_time_options
@_add_page_options
@access_options
@options.json_option
def search(
    words: tuple[str, ...],
    edited: EditTimeOptions,
    limit: int,
    after: str | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Find edits by the words of their text, newest first.

    Every word of TEXT must occur. Replaced and cleared notes are found, too. In Japanese and Chinese, any part of a word is found.
    """
    from qdash_builtin.notes.operations.note_events import search_note_events

    text = " ".join(words)
    with command_user.connect() as home:
        zone = home.zone
        operation = search_note_events.paged(limit=limit, after=after)
        page = home.ask(operation, _make_range(edited, zone), text)
    _print_edits(
        page,
        zone,
        nothing=f"no current or former note contains every word of {text!r}{' in this time' if edited else ''}",
        as_json=as_json,
    )


def write_note_on(
    target_id: str,
    text: Text,
    show: Operation[[str], NoteDocument],
    write: Operation[[str, NoteRequest], NoteDocument],
    *,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Write or clear the note of a cryostat or a cool-down by its operations, and print it."""
    from qdash_builtin.notes.requests import NoteRequest

    def former() -> str:
        with command_user.connect() as home:
            return _get_content(home.ask(show, target_id))

    content = text(former)
    with command_user.connect() as home:
        made = home.ask(write, target_id, NoteRequest(content=content))
    _show_written(made, as_json=as_json)


def _make_range(edited: EditTimeOptions, zone: ZoneInfo) -> EditRange:
    from qdash_builtin.notes.requests import EditRange

    since, until = edited.parse(zone)
    return EditRange(since=since, until=until)


def _get_content(document: NoteDocument) -> str:
    return "" if document.note is None else document.note.content


def _show_written(document: NoteDocument, *, as_json: bool) -> None:
    if as_json:
        emit_json(document)
    elif _get_content(document):
        print_message(f"noted on {describe_subject(document)}")
    else:
        print_message(f"the note on {describe_subject(document)} was cleared")


def _print_edits(page: PageOf[NoteEventDocument], zone: ZoneInfo, *, nothing: str, as_json: bool) -> None:
    """Print a page of edits, and a hint if another page follows."""
    if as_json:
        emit_json(page.items)
    elif not page.items:
        print_message(nothing)
    else:
        print_note_edits(page.items, zone)
        if page.next is not None:
            print_message(f"and more: --after {page.next}")


def _print_restored(document: NoteDocument, _zone: ZoneInfo, _sent: object) -> None:
    _show_written(document, as_json=False)


for _operations in (notes.operations, note_events.operations):
    add_commands(
        note,
        _operations,
        {
            PageOf[NoteDocument]: print_notes,
            PageOf[TimelineNoteDocument]: print_note_edits,
            "note restore": _print_restored,
        },
    )

for _command in (attach, files, download, detach):
    note.add_command(_command)
