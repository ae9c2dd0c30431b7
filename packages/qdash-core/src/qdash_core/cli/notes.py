"""Command `qdash note`: notes on chips, qubits, couplings, task results and metrics, and their edit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.note_targets import NoteTarget, note_target
from qdash_core.cli.note_texts import note_text
from qdash_core.cli.period_options import (
    EditTimeOptions,
    PeriodOptions,
    edit_time_options,
    period_options,
)
from qdash_core.cli.rendering.notes import describe_subject, print_note, print_note_edits, print_notes
from qdash_core.cli.rendering.output import emit_json, print_message
from qdash_core.models.pages import LARGEST_PAGE

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from qdash_core.documents.notes import NoteDocument, NoteEventDocument
    from qdash_core.documents.pages import PageOf
    from qdash_core.operations.operation import Operation
    from qdash_core.resources.requests.notes import EditRange, NoteRequest

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


@note.command("list")
@click.argument("chip_id", metavar="CHIP")
@period_options
@edit_time_options
@access_options
@options.json_option
def list_all(
    chip_id: str, period: PeriodOptions, edited: EditTimeOptions, command_user: CommandUser, as_json: bool
) -> None:
    """List all notes of a chip.

    The list has the notes on the chip, its qubits, couplings, metrics and results. --cooldown, or --from and --to, select notes on metrics that are valid and results that were measured in this time;
    by default, notes on metrics are the current ones. --since and --until select notes of all kinds by the time at which they were written.
    """
    from qdash_core.operations.transport import list_every
    from qdash_core.resources.notes import notes_of_chip
    from qdash_core.resources.requests.notes import ListPeriod, WrittenRange

    with command_user.connect() as home:
        zone = home.zone
        when = period.parse_list_period(zone)
        since, until = when["time_range"] or (None, None)
        asked = ListPeriod(cooldown_id=when["cooldown_id"], since=since, until=until)
        written_since, written_until = edited.parse(zone)
        written = WrittenRange(written_since=written_since, written_until=written_until)
        documents = list(list_every(home, notes_of_chip, chip_id, asked, written))
    if as_json:
        emit_json(documents)
    elif documents:
        print_notes(documents, zone)
    elif period or edited:
        print_message(
            f"no notes of chip {chip_id} in this period: see all edits with `qdash note events {chip_id}`"
        )
    else:
        print_message(f"no notes of chip {chip_id}: write one with `qdash note edit {chip_id} TEXT`")


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
    from qdash_core.resources.chips import show_chip
    from qdash_core.resources.note_events import note_events_of_chip

    with command_user.connect() as home:
        zone = home.zone
        operation = note_events_of_chip.paged(limit=limit, after=after)
        page = home.ask(operation, chip_id, _make_range(edited, zone))
        if not page.items and after is None:  # raises if the name is mistyped
            home.ask(show_chip, chip_id)
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
    from qdash_core.resources.note_events import search_note_events

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


@note.command()
@click.option("--chip", "chip_id", metavar="CHIP", help="Only notes on this chip, its parts and results.")
@click.option(
    "--on", "kinds", metavar="KIND", multiple=True, help="Only notes on such objects: qubit, chip, ..."
)
@click.option("--target", "target_id", metavar="ID", help="Only notes on this object, or on results of it.")
@click.option("--by", "author", metavar="NAME", help="Only texts by this user.")
@click.option("--words", metavar="TEXT", help="Only texts with all of these words.")
@click.option("--all", "everything", is_flag=True, help="Replaced and cleared notes as well.")
@click.option(
    "--limit", type=click.IntRange(1, LARGEST_PAGE), default=_PAGE, show_default=True, help="Maximum number."
)
@edit_time_options
@access_options
@options.json_option
def timeline(
    chip_id: str | None,
    kinds: tuple[str, ...],
    target_id: str | None,
    author: str | None,
    words: str | None,
    everything: bool,
    limit: int,
    edited: EditTimeOptions,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """List the current notes of the project, newest first."""
    from qdash_core.models.note import NoteScope
    from qdash_core.models.task import parse_choice
    from qdash_core.resources.note_events import note_timeline

    scopes = [NoteScope(parse_choice(NoteScope, "--on", kind)) for kind in kinds]
    with command_user.connect() as home:
        zone = home.zone
        page = home.ask(
            note_timeline.paged(limit=limit),
            _make_range(edited, zone),
            q=words,
            chip_id=chip_id,
            scope=scopes or None,
            target_id=target_id,
            actor=author,
            current=not everything,
        )
    documents = page.items
    if as_json:
        emit_json(documents)
    elif documents:
        print_note_edits(documents, zone)
        if page.next is not None:
            print_message(f"and more: --until {documents[-1].created_at.isoformat()}")
    else:
        print_message("no notes match: write one with `qdash note edit CHIP TEXT`")


@note.command()
@click.argument("seq", type=int, metavar="EDIT")
@access_options
@options.json_option
def restore(seq: int, command_user: CommandUser, as_json: bool) -> None:
    """Restore a note to the state after an edit.

    EDIT is its number in `events` and `search`. The restored text is recorded as a new edit.
    """
    from qdash_core.resources.note_events import restore_note

    with command_user.connect() as home:
        restored = home.ask(restore_note, seq)
    _show_written(restored, as_json=as_json)


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
    from qdash_core.resources.requests.notes import NoteRequest

    def former() -> str:
        with command_user.connect() as home:
            return _get_content(home.ask(show, target_id))

    content = text(former)
    with command_user.connect() as home:
        made = home.ask(write, target_id, NoteRequest(content=content))
    _show_written(made, as_json=as_json)


def _make_range(edited: EditTimeOptions, zone: ZoneInfo) -> EditRange:
    from qdash_core.resources.requests.notes import EditRange

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
