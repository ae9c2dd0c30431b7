"""Files in pieces that are read as they are sent."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

_PIECE = 256 * 1024


def read_pieces(opening: AbstractContextManager[BinaryIO]) -> Iterator[bytes]:
    """Return an iterator over a file, which is opened now (and may raise) and closed after the last piece."""
    read = _iter_pieces(opening)
    return chain((next(read, b""),), read)


def _iter_pieces(opening: AbstractContextManager[BinaryIO]) -> Iterator[bytes]:
    with opening as file:
        while piece := file.read(_PIECE):
            yield piece
