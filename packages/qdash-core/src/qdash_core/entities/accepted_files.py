"""Declaration of the files that may be attached to the records of an entity."""

from __future__ import annotations

import re
from dataclasses import dataclass
from mimetypes import MimeTypes

from qdash_core.errors import InvalidInputError

NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_. -]{0,99}$")
"""Names of attachments."""
LARGEST = 64 * 2**20
"""Largest attachment that an entity may accept, in bytes: a host holds one in memory."""


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

    def _accepts(self, kind: str) -> bool:
        return kind in self.media_types or f"{kind.partition('/')[0]}/*" in self.media_types
