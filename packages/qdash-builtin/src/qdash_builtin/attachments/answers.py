"""Answers of the operations of attached files."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from qdash_builtin.attachments.pictures import FORMATS, THUMBNAIL_TYPE
from qdash_builtin.attachments.views import AttachmentDocument
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import Page
from qdash_core.operations.answers import FileAnswer

if TYPE_CHECKING:
    from qdash_builtin.attachments.service import AttachmentService
    from qdash_core.operations.call import Call

K = TypeVar("K")
FILE_TYPE = "application/octet-stream"
"""Media type that the OpenAPI document names for files of any type."""


def list_attachments(call: Call, files: AttachmentService[K], key: K) -> PageOf[AttachmentDocument]:
    """Return a page of the files of a record, by name."""
    page = Page.from_all_items(files.list_by_record(call.access, key), call.page, lambda one: (one.name,))
    return PageOf[AttachmentDocument].from_page(page, AttachmentDocument.from_record)


def send_attachment(call: Call, files: AttachmentService[K], key: K, name: str) -> FileAnswer:
    """Return a file of a record, with its checksum as version; browsers show raster images and save other files."""
    file, contents = files.open(call.access, key, name)
    call.set_version(file.sha256[:32])
    is_drawn = file.media_type in FORMATS
    return FileAnswer(contents, name=name, media_type=file.media_type, is_drawn=is_drawn)


def send_thumbnail(call: Call, files: AttachmentService[K], key: K, name: str) -> FileAnswer:
    """Return the thumbnail of a picture of a record; it is made only if the caller does not have this version."""
    file = files.show(call.access, key, name)
    call.set_version(f"{file.sha256[:32]}-thumbnail")
    contents = files.make_thumbnail(call.access, key, name)
    return FileAnswer([contents], name=f"{name}.webp", media_type=THUMBNAIL_TYPE, is_drawn=True)
