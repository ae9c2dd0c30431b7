"""Attached files as thumbnails and links."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from qdash_builtin.attachments.pictures import FORMATS, THUMBNAIL_TYPE, make_thumbnail
from qdash_ui_streamlit.display.file_sizes import format_size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.attachments.views import AttachmentDocument
    from qdash_ui_streamlit.view import View

STYLE = """<style>
a.file, .file-name { overflow-wrap: anywhere; }
img.file { max-width: min(100%, 320px); max-height: 240px; margin: 0.15rem 0; border-radius: 0.3rem; vertical-align: bottom; }
a.file:focus-visible img.file { outline: 2px solid currentColor; outline-offset: 2px; }
.files { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; }
.files img.file { max-width: 96px; max-height: 64px; }
</style>"""


@dataclass(frozen=True, slots=True)
class FileLink:
    """Attached file as a page shows it.

    Parameters
    ----------
    size : int
        Its size in bytes.
    address : str
        URL of the file, or empty if it is not stored yet.
    thumbnail : str
        URL of its thumbnail, or empty if it is not a picture.
    """

    name: str
    size: int
    address: str
    thumbnail: str

    def format(self, caption: str = "") -> str:
        """Return the file as HTML: a picture that opens the original, or a link that saves the file."""
        text = escape(caption or self.name)
        if not self.thumbnail:
            return self.format_name(caption)
        image = f'<img class="file" src="{escape(self.thumbnail)}" alt="{text}" loading="lazy">'
        if not self.address:
            return image
        return f'<a class="file" href="{escape(self.address)}" target="_blank" rel="noopener" title="{escape(self.name)}">{image}</a>'

    def format_name(self, caption: str = "") -> str:
        """Return the name and size of the file as HTML: a link if it is stored."""
        text = escape(f"{caption or self.name} ({format_size(self.size)})")
        if not self.address:
            return f'<span class="file-name">{text}</span>'
        if self.thumbnail:
            return f'<a class="file" href="{escape(self.address)}" target="_blank" rel="noopener">{text}</a>'
        return f'<a class="file" href="{escape(self.address)}" download="{escape(self.name)}">{text}</a>'


def make_stored_links(
    view: View, files: Iterable[AttachmentDocument], path: str, **query: str | None
) -> dict[str, FileLink]:
    """Return the links to stored files by name; `path` of the host lists them, and is quoted, such as `issues/12/files`."""
    links = {}
    for one in files:
        place = f"{path}/{quote(one.name, safe='')}"
        thumbnail = view.host_path(f"{place}/thumbnail", **query) if one.media_type in FORMATS else ""
        links[one.name] = FileLink(one.name, one.size, view.host_path(place, **query), thumbnail)
    return links


def make_draft_link(name: str, media_type: str, contents: bytes) -> FileLink:
    """Return the link to a file that is kept until its record exists."""
    thumbnail = ""
    if media_type in FORMATS:
        small = b64encode(make_thumbnail(name, contents, media_type)).decode()
        thumbnail = f"data:{THUMBNAIL_TYPE};base64,{small}"
    return FileLink(name, len(contents), "", thumbnail)
