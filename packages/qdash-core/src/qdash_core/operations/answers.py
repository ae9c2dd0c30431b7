"""Answers that are no documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """File, in chunks that are produced as they are sent.

    Parameters
    ----------
    chunks : iterable of bytes
        Large chunks: a host produces each in a slot of its own.
    name : str
        Name of the file.
    media_type : str
        Media type.
    """

    chunks: Iterable[bytes]
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """Text to be read: plain, Markdown, or one HTML page without scripts.

    Parameters
    ----------
    text : str
        The text.
    media_type : str
        Media type.
    """

    text: str
    media_type: str
