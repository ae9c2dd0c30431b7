"""Command `qdash note`: notes on chips, qubits, couplings, task results and metrics, and their edit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, acting
from qdash_core.cli.note_targets import NoteTarget, note_target
from qdash_core.cli.note_texts import note_text
from qdash_core.cli.period_options import PeriodOptions, parse_optional_time, period
from qdash_core.cli.rendering.notes import list_events, list_notes, noted_on, show_note
from qdash_core.cli.rendering.output import emit_json, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from zoneinfo import ZoneInfo

    from qdash_core.documents.notes import NoteDocument
    from qdash_core.models.note import MetricNoteModel, NoteEventModel
    from qdash_core.notes.places import NotePlace, PlacedNote

    Text = Callable[[Callable[[], str]], str]
    """Returns the new text of a note; its argument returns the current text."""

_PAGE = 20


@click.group()
def note() -> None:
    """Write and search notes on chips, qubits, couplings, results and metrics."""


@note.command()
@note_target
@note_text
@acting
@options.as_json
def edit(target: NoteTarget, text: Text, acting: CommandUser, as_json: bool) -> None:
    """Write or replace a note.

    It is one on CHIP itself, or on what an option names. TEXT is - for standard input. Without it, on a terminal, $EDITOR begins with the note as it is. The log of edits
    keeps what was there.
    """

    def former() -> str:
        with acting.changing() as (qdash, access):
            return _get_content(target.show(qdash, access))

    content = text(former)
    with acting.changing() as (qdash, access):
        _show_written(target.write(qdash, access, content), as_json=as_json)


@note.command()
@note_target
@acting
@options.as_json
def clear(target: NoteTarget, acting: CommandUser, as_json: bool) -> None:
    """Clear a note. `qdash note restore` restores it from the log of edits."""
    with acting.changing() as (qdash, access):
        _show_written(target.write(qdash, access, ""), as_json=as_json)


@note.command()
@note_target
@acting
@options.as_json
def show(target: NoteTarget, acting: CommandUser, as_json: bool) -> None:
    """Show the note on CHIP or a part of it."""
    with acting.reading() as (qdash, access):
        found, zone = target.show(qdash, access), qdash.zone
    if as_json:
        emit_json(found)
    else:
        show_note(found, zone)


@note.command("list")
@click.argument("chip_id", metavar="CHIP")
@period
@click.option("--since", metavar="TIME", help="Only notes written at this time or later.")
@acting
@options.as_json
def list_all(
    chip_id: str, period: PeriodOptions, since: str | None, acting: CommandUser, as_json: bool
) -> None:
    """List all notes of a chip.

    These are its own, those of its qubits, couplings and metrics, and those of results. Notes on metrics are those that show now, or in the cool-down or range of time that is named; results only those of
    then.
    """
    with acting.reading() as (qdash, access):
        zone = qdash.zone
        found = qdash.notes.on_chip(
            access,
            chip_id,
            **period.when(zone),
            since=parse_optional_time(since, zone, option="--since"),
        )
    documents = [_make_document(one) for one in found]
    if as_json:
        emit_json(documents)
    elif documents:
        list_notes(documents, zone)
    elif period or since:
        say(f"no notes of chip {chip_id} in this period: see all edits with `qdash note events {chip_id}`")
    else:
        say(f"no notes of chip {chip_id}: write one with `qdash note edit {chip_id} TEXT`")


def _add_page_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options `--limit` and `--after` to a command that lists edits."""
    limit = click.option(
        "--limit", type=click.IntRange(min=1), default=_PAGE, show_default=True, help="Maximum number."
    )
    after = click.option(
        "--after", type=int, metavar="EDIT", help="Only those before this one: the next page."
    )
    return limit(after(command))


@note.command()
@click.argument("chip_id", metavar="CHIP")
@_add_page_options
@acting
@options.as_json
def events(chip_id: str, limit: int, after: int | None, acting: CommandUser, as_json: bool) -> None:
    """List the edits of all notes of a chip, newest first, even if the chip was deleted."""
    with acting.reading() as (qdash, access):
        behind = None if after is None else qdash.notes.event(access, after)
        found = qdash.notes.of_chip(access, chip_id, limit=limit + 1, after=behind)
        if not found and behind is None:  # raises if the name is mistyped
            qdash.chips.show(access, chip_id)
        zone = qdash.zone
    _list(found, limit, zone, nothing=f"no notes of chip {chip_id} were ever edited", as_json=as_json)


@note.command()
@click.argument("words", metavar="TEXT...", nargs=-1, required=True)
@_add_page_options
@acting
@options.as_json
def search(words: tuple[str, ...], limit: int, after: int | None, acting: CommandUser, as_json: bool) -> None:
    """Find edits by the words of their text, newest first.

    Every word of TEXT must occur; notes that were replaced or cleared are found as well. In Japanese and Chinese any part of a word is found.
    """
    text = " ".join(words)
    with acting.reading() as (qdash, access):
        behind = None if after is None else qdash.notes.event(access, after)
        found = qdash.notes.search(access, text, limit=limit + 1, after=behind)
        zone = qdash.zone
    _list(
        found,
        limit,
        zone,
        nothing=f"no current or former note contains every word of {text!r}",
        as_json=as_json,
    )


@note.command()
@click.argument("seq", type=int, metavar="EDIT")
@acting
@options.as_json
def restore(seq: int, acting: CommandUser, as_json: bool) -> None:
    """Restore a note to the state after an edit.

    EDIT is its number, as `events` and `search` list it. What comes of it is an edit, too.
    """
    with acting.changing() as (qdash, access):
        restored = qdash.notes.restore(access, seq)
    _show_written(_make_document(restored), as_json=as_json)


def write_note_on(place: NotePlace, text: Text, *, acting: CommandUser, as_json: bool) -> None:
    """Write or clear the note of a cryostat or a cool-down, and print it."""

    def former() -> str:
        with acting.changing() as (qdash, access):
            return qdash.notes.show(access, place).note.content

    content = text(former)
    with acting.changing() as (qdash, access):
        made = qdash.notes.edit(access, place, content)
    _show_written(_make_document(made), as_json=as_json)


def _make_document(found: PlacedNote | MetricNoteModel) -> NoteDocument:
    from qdash_core.documents.notes import NoteDocument
    from qdash_core.notes.places import PlacedNote

    return NoteDocument.of(found) if isinstance(found, PlacedNote) else NoteDocument.of_metric(found)


def _get_content(document: NoteDocument) -> str:
    return "" if document.note is None else document.note.content


def _show_written(document: NoteDocument, *, as_json: bool) -> None:
    if as_json:
        emit_json(document)
    elif _get_content(document):
        say(f"noted on {noted_on(document)}")
    else:
        say(f"the note on {noted_on(document)} was cleared")


def _list(
    found: Sequence[NoteEventModel], limit: int, zone: ZoneInfo, *, nothing: str, as_json: bool
) -> None:
    """Print a page of edits; one edit more than fits tells that another page follows."""
    from qdash_core.documents.notes import NoteEventDocument

    page = [NoteEventDocument.of(event) for event in found[:limit]]
    if as_json:
        emit_json(page)
    elif not page:
        say(nothing)
    else:
        list_events(page, zone)
        if len(found) > limit:
            say(f"and more: --after {page[-1].seq}")
