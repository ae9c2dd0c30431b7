"""Files as answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

if TYPE_CHECKING:
    from collections.abc import Iterable


def file(chunks: Iterable[bytes], *, name: str, media_type: str) -> Response:
    """Return a file as an answer, piece by piece; a piece is made when the one before has been sent.

    Parameters
    ----------
    name : str
        Which name a browser gives it: letters, digits, `.`, `-` and `_`.
    """
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(chunks, headers=headers, media_type=media_type)
