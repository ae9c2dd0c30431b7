"""Environment of the templates of reports, in which every inserted text is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jinja2 import Environment

_PIECE = 256 * 1024
"""Number of characters that are sent at once."""


def make_environment() -> Environment:
    """Return an environment whose templates escape all inserted text for HTML."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("qdash_core.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def encode_pieces(stream: Iterable[str]) -> Iterator[bytes]:
    """Yield parts of a text in large pieces."""
    piece: list[str] = []
    size = 0
    for part in stream:
        piece.append(part)
        size += len(part)
        if size >= _PIECE:
            yield "".join(piece).encode()
            piece, size = [], 0
    yield "".join(piece).encode()
