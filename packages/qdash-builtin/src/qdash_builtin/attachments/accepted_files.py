"""Declaration of the files that may be attached to a record, and their check."""

from __future__ import annotations

import re
from dataclasses import dataclass
from mimetypes import MimeTypes
from pathlib import PurePosixPath

from qdash_builtin.attachments.pictures import FORMATS, make_thumbnail, remove_metadata
from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import describe_excess

LONGEST_NAME = 100
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_. -]{0,99}$")
"""Names of attachments."""
LARGEST = 64 * 2**20
"""Largest attachment that may be accepted, in bytes: a host holds one in memory."""
_TYPES = {
    ".h5": "application/x-hdf5",
    ".hdf5": "application/x-hdf5",
    ".log": "text/plain",
    ".npz": "application/x-npz",
}
"""Media types by suffix that Python's `mimetypes` lacks."""
_NO_TEXTS = (".bat", ".c", ".h", ".ksh", ".pl", ".srt")
"""Suffixes of programs and subtitles, which `mimetypes` calls plain text; they are not accepted as such."""
_SIGNATURES = {
    "application/pdf": re.compile(rb"%PDF-"),
    "application/x-hdf5": re.compile(rb"\x89HDF\r\n\x1a\n"),
    "application/x-npz": re.compile(rb"PK(\x03\x04|\x05\x06)"),
    "application/zip": re.compile(rb"PK(\x03\x04|\x05\x06)"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/tiff": re.compile(rb"II\*\0|MM\0\*"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}
"""First bytes of a file of each media type that viewers open."""


@dataclass(frozen=True, slots=True)
class AcceptedFiles:
    """Declaration of the files that may be attached to a record.

    Parameters
    ----------
    media_types : tuple of str
        Media types by the suffix of the name, such as `image/jpeg`, or `image/*` for all of a kind.
    size : int
        Largest file, in bytes.
    number : int
        Maximum number of files of a record.
    """

    media_types: tuple[str, ...]
    size: int = 10 * 2**20
    number: int = 20

    @property
    def suffixes(self) -> list[str]:
        """Suffixes of the names of accepted files, without the dot."""
        kinds = {suffix: kind for table in MimeTypes(()).types_map for suffix, kind in table.items()} | _TYPES
        return sorted(
            suffix[1:] for suffix, kind in kinds.items() if self._accepts(kind) and suffix not in _NO_TEXTS
        )

    def prepare(self, name: str, contents: bytes) -> tuple[str, bytes]:
        """Return the media type of a file, and its contents as they are stored: pictures without metadata.

        Raises
        ------
        InvalidInputError
            As `check`, or if a picture is damaged or has too many pixels.
        """
        media_type = self.check(name, contents)
        if media_type not in FORMATS:
            return media_type, contents
        make_thumbnail(name, contents, media_type)  # which decodes all of it
        return media_type, remove_metadata(name, contents, media_type)

    def check(self, name: str, contents: bytes) -> str:
        """Return the media type of a file whose pixels are not decoded.

        Raises
        ------
        InvalidInputError
            If the name or the media type is not accepted, or the file is empty, too large, or of another kind.
        """
        if not NAME.fullmatch(name):
            raise InvalidInputError(
                f"{name!r} is not a valid file name: use up to {LONGEST_NAME} letters, digits, '-', '_', '.' and spaces"
            )
        media_type = self._find_media_type(name)
        self._check_contents(name, media_type, contents)
        return media_type

    def _find_media_type(self, name: str) -> str:
        # Without the files of the machine, so that every host knows the same types.
        found, encoding = MimeTypes(()).guess_type(name, strict=False)
        suffix = PurePosixPath(name.lower()).suffix
        found = found or _TYPES.get(suffix)
        kind = "" if found is None or encoding or suffix in _NO_TEXTS else found
        if not self._accepts(kind):
            raise InvalidInputError(
                f"{name}: {kind or 'a file without a known suffix'} is not accepted; {', '.join(self.media_types)} can be attached"
            )
        return kind

    def _check_contents(self, name: str, media_type: str, contents: bytes) -> None:
        """Raise InvalidInputError if a file is empty, too large, or its first bytes are not those of its media type."""
        if not contents:
            raise InvalidInputError(f"{name} is empty")
        if len(contents) > self.size:
            raise InvalidInputError(describe_excess(name, len(contents), self.size))
        signature = _SIGNATURES.get(media_type)
        if signature and not signature.match(contents):
            raise InvalidInputError(f"{name} is not {media_type}: it is damaged, or a file of another type")

    def _accepts(self, kind: str) -> bool:
        return kind in self.media_types or f"{kind.partition('/')[0]}/*" in self.media_types


TEXT_FILES = AcceptedFiles(
    (
        *FORMATS,
        "application/pdf",
        "application/x-hdf5",
        "application/x-npz",
        "application/zip",
        "text/csv",
        "text/plain",
    ),
    size=20 * 2**20,
    number=20,
)
"""Files of issues and notes."""
