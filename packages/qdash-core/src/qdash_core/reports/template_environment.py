"""Environment of the templates of reports, in which every inserted text is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jinja2 import Environment
    from jinja2.environment import TemplateStream

_PIECE = 256 * 1024
"""Number of characters that are sent at once."""


def make_environment(escape: Callable[[object], str] | None = None) -> Environment:
    """Return an environment whose templates escape all inserted text.

    Parameters
    ----------
    escape : callable or None
        Escapes a text, or None for HTML.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def finalize(value: object) -> object:
        return value if escape is None or isinstance(value, Markup) else Markup(escape(value))  # noqa: S704  it is escaped

    return Environment(
        loader=PackageLoader("qdash_core.reports"),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def encode_pieces(stream: TemplateStream) -> Iterator[bytes]:
    """Yield the output of a template in large pieces."""
    piece: list[str] = []
    size = 0
    for part in stream:
        piece.append(part)
        size += len(part)
        if size >= _PIECE:
            yield "".join(piece).encode()
            piece, size = [], 0
    yield "".join(piece).encode()
