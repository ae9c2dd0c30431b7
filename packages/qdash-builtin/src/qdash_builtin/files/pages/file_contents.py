"""Contents of a file by their kind: text, table, image or arrays. SVG and HTML are text."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.files.operations import download_file
from qdash_builtin.files.pages.file_editor import get_mode
from qdash_ui_streamlit.components.editor import editor
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.file_sizes import format_size
from qdash_ui_streamlit.display.notices import show_empty

if TYPE_CHECKING:
    from qdash_builtin.files.pages.file_place import FilePlace
    from qdash_builtin.files.views.files import FilePreviewDocument

_SHOWN_ROWS = 50
_SHOWN_VALUES = 6
_ARRAYS = (
    Column("name", "Array"),
    Column("shape", "Shape"),
    Column("dtype", "Type", "code"),
    Column("unit", "Unit"),
    Column("values", "First values"),
)


def draw_contents(place: FilePlace, preview: FilePreviewDocument) -> None:
    """Draw the contents of a file."""
    match preview.kind:
        case "table":
            _draw_table(place, preview)
        case "image":
            _draw_image(place, preview)
        case "arrays":
            _draw_arrays(place, preview)
        case "text":
            _draw_text(place, preview)
        case "binary":
            show_empty("The file is not text, an image or an array.", "Download it.")
    if preview.truncated:
        st.caption("The file has more than is shown: download it.")


def _draw_text(place: FilePlace, preview: FilePreviewDocument) -> None:
    if not preview.text:
        show_empty("The file is empty.")
        return
    editor(
        preview.text,
        key=f"files.text.{place.root.name}:{place.path}",
        label=place.name,
        version=preview.sha256 or "",
        mode=get_mode(preview),
        read_only=True,
    )


def _draw_table(place: FilePlace, preview: FilePreviewDocument) -> None:
    assert preview.table is not None, "a table has rows"
    columns = [Column(str(number), name) for number, name in enumerate(preview.table.columns)]
    rows = [{str(number): cell for number, cell in enumerate(row)} for row in preview.table.rows]
    table(
        place.view,
        columns,
        rows,
        key="files.table",
        label=f"Rows of {place.name}",
        empty="The table has no rows.",
        shown=_SHOWN_ROWS,
    )


def _draw_image(place: FilePlace, preview: FilePreviewDocument) -> None:
    if preview.sha256 is None:
        show_empty(f"The image has {format_size(preview.size)}.", "Download it.")
        return
    file = place.view.ask(download_file, place.root.name, path=place.path)
    # The browser decodes the image, not this process.
    data = b64encode(b"".join(file.chunks)).decode()
    st.html(
        f'<img src="data:{escape(preview.media_type or "")};base64,{data}" alt="{escape(place.name)}" style="max-width: 100%">'
    )


def _draw_arrays(place: FilePlace, preview: FilePreviewDocument) -> None:
    rows = [
        {
            "name": one.name or "–",
            "shape": " × ".join(map(str, one.shape)) or "scalar",
            "dtype": one.dtype,
            "unit": one.unit,
            "values": ", ".join(one.values[:_SHOWN_VALUES])
            + (" …" if len(one.values) > _SHOWN_VALUES else ""),
        }
        for one in preview.arrays or ()
    ]
    table(place.view, _ARRAYS, rows, key="files.arrays", label=f"Arrays of {place.name}", filtered=False)
