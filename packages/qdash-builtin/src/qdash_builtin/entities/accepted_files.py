"""Declaration of the files that may be attached to the records of an entity."""

from __future__ import annotations

import re
from dataclasses import dataclass
from mimetypes import MimeTypes

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import describe_excess

NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_. -]{0,99}$")
"""Names of attachments."""
LARGEST = 64 * 2**20
"""Largest attachment that an entity may accept, in bytes: a host holds one in memory."""
_SIGNATURES = {
    "application/pdf": re.compile(rb"%PDF-"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/tiff": re.compile(rb"II\*\0|MM\0\*"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}
"""Beginnings of files that viewers open by their media type."""


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
        Largest number of files of a record.
    """

    media_types: tuple[str, ...]
    size: int = 10 * 2**20
    number: int = 20

    @property
    def suffixes(self) -> list[str]:
        """Suffixes of the names of accepted files, without the dot."""
        kinds = {suffix: kind for table in MimeTypes(()).types_map for suffix, kind in table.items()}
        return sorted(suffix[1:] for suffix, kind in kinds.items() if self._accepts(kind))

    def find_media_type(self, name: str) -> str:
        """Return the media type of a file by its name; raise InvalidInputError if it is not accepted."""
        # Without the files of the machine, so that every host knows the same types.
        found, encoding = MimeTypes(()).guess_type(name, strict=False)
        kind = "" if found is None or encoding else found
        if not self._accepts(kind):
            raise InvalidInputError(
                f"{name}: {kind or 'a file without a known suffix'} is not accepted; {', '.join(self.media_types)} can be attached"
            )
        return kind

    def check_contents(self, name: str, media_type: str, contents: bytes) -> None:
        """Raise InvalidInputError if a file is empty, too large, or does not begin as those of its media type do."""
        if not contents:
            raise InvalidInputError(f"{name} is empty")
        if len(contents) > self.size:
            raise InvalidInputError(describe_excess(name, len(contents), self.size))
        signature = _SIGNATURES.get(media_type)
        if signature and not signature.match(contents):
            raise InvalidInputError(
                f"{name} does not begin as {media_type} does: it is another kind of file, or damaged"
            )

    def _accepts(self, kind: str) -> bool:
        return kind in self.media_types or f"{kind.partition('/')[0]}/*" in self.media_types
