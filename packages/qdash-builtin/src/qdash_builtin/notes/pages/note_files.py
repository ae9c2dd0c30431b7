"""Files of a note on pages: in its text, listed, and attached by an editor."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from qdash_builtin.attachments.file_markdown import FILE_MARKDOWN, read_address
from qdash_builtin.attachments.pages.file_input import draw_file_input, draw_file_list
from qdash_builtin.attachments.pages.file_links import STYLE, make_stored_links
from qdash_builtin.notes.note_files import NotedObject
from qdash_builtin.notes.operations.note_files import (
    attach_to_note,
    delete_file_of_note,
    list_files_of_note,
)
from qdash_ui_streamlit.forms.confirm_action import confirm_action

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping

    from qdash_builtin.attachments.pages.file_links import FileLink
    from qdash_builtin.attachments.views import AttachmentDocument
    from qdash_builtin.notes.model import NoteScope
    from qdash_builtin.notes.views import NoteDocument, NoteEventDocument
    from qdash_ui_streamlit.view import View


def make_note_links(view: View, note: NoteDocument | NoteEventDocument) -> dict[str, FileLink]:
    """Return the links to the files of a note by name."""
    noted = NotedObject(note.scope, note.target_id, note.chip_id or "", note.metric_key or "")
    return _make_links(view, noted, note.attachments or ())


def load_links(view: View, noted: NotedObject) -> dict[str, FileLink]:
    """Return the links to the files of the notes on an object by name. One request."""
    return _make_links(view, noted, view.every(list_files_of_note, *_get_parts(noted)))


def format_note_text(content: str, links: Mapping[str, FileLink]) -> str:
    """Return the text of a note as HTML, with the files that it names."""
    html, end = "", 0
    for found in FILE_MARKDOWN.finditer(content):
        html += escape(content[end : found.start()]) + _format_file(found, links)
        end = found.end()
    return f'{STYLE if end else ""}<div style="white-space:pre-wrap;overflow-wrap:anywhere">{html}{escape(content[end:])}</div>'


def name_files(content: str) -> str:
    """Return the text of a note with a paper clip and the caption for each file, for tables."""
    return FILE_MARKDOWN.sub(lambda found: f"\N{PAPERCLIP} {found[2] or read_address(found[3])}", content)


def draw_note_files(
    view: View, place: str, noted: NotedObject, links: Mapping[str, FileLink], *, text_key: str
) -> None:
    """Draw the input of files for the text that a user edits, and the files of the note, which the user may remove.

    `links` has its files by name.
    """
    scope, target_id, chip_id, metric = _get_parts(noted)

    def attach(name: str, contents: bytes) -> str:
        return view.ask(attach_to_note, scope, target_id, name, contents, chip_id, metric).media_type

    def remove(file: FileLink) -> None:
        confirm_action(
            f"Remove the file {file.name}?",
            "It cannot be restored. Present and former notes that show it will say that it is missing.",
            label="Remove",
            act=lambda: view.ask(delete_file_of_note, scope, target_id, file.name, chip_id, metric),
            success="File removed.",
        )

    draw_file_input(place, text_key=text_key, list_names=lambda: load_links(view, noted), attach=attach)
    draw_file_list(f"{place}.file", links.values(), remove=remove)


def _get_parts(noted: NotedObject) -> tuple[NoteScope, str, str, str]:
    return noted.scope, noted.target_id, noted.chip_id, noted.metric_key


def _make_links(view: View, noted: NotedObject, files: Iterable[AttachmentDocument]) -> dict[str, FileLink]:
    path = f"note-files/{noted.scope}/{quote(noted.target_id, safe='')}"
    chip_id, metric = noted.chip_id or None, noted.metric_key or None
    return make_stored_links(view, files, path, chip_id=chip_id, metric_key=metric)


def _format_file(found: re.Match[str], links: Mapping[str, FileLink]) -> str:
    is_picture, caption, name = found[1], found[2], read_address(found[3])
    file = links.get(name)
    if file is None:
        return escape(f"[{caption or name}: no such file is attached]")
    return file.format(caption) if is_picture else file.format_name(caption)
