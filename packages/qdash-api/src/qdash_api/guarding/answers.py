"""Answers: documents as bytes, made in the thread that made the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel
from starlette.responses import Response

if TYPE_CHECKING:
    from qdash_api.guarding.call import Call

JSON = "application/json"


def answer(call: Call, found: object, status: int) -> Response:
    """Return what a route gives as the answer to its call.

    Parameters
    ----------
    found : BaseModel, bytes, Response or None
        A document; the text of one; an answer that is complete; None: there is nothing to say.
    """
    if isinstance(found, Response):
        response = found
    elif found is None:
        response = Response(status_code=204)
    elif isinstance(found, bytes):
        response = Response(found, status, media_type=JSON)
    else:
        assert isinstance(found, BaseModel), "a route gives a document"
        response = Response(found.model_dump_json(exclude_none=True).encode(), status, media_type=JSON)
    if call.etag:
        response.headers["etag"] = call.etag
        response.headers["cache-control"] = "private, no-cache"
    response.headers.setdefault("cache-control", "no-store")
    response.headers.update(call.headers)
    return response


def not_modified(call: Call) -> Response:
    """Return the answer to a caller who has this version already."""
    return Response(status_code=304, headers={"etag": call.etag, "cache-control": "private, no-cache"})
