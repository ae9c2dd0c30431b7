"""Responses of routes: documents serialized in the thread that made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel
from starlette.responses import RedirectResponse, Response

from qdash_api.routing.file_responses import stream_file
from qdash_api.routing.message_stream import MessageStreamResponse
from qdash_core.operations.answers import FileAnswer, MessageStream, Redirection, TextAnswer

if TYPE_CHECKING:
    from qdash_api.routing.call import Call

JSON = "application/json"
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Content security policy of a self-contained HTML page: no scripts, frames or requests."""


def make_response(call: Call, result: object, status: int) -> Response:
    """Return the response for the result of a route.

    The result is a document, serialized or not, a file, a text, another page, a stream, a complete response, or None
    for an empty response (204).
    """
    if isinstance(result, Response):
        response = result
    elif isinstance(result, FileAnswer):
        response = stream_file(result, user=call.username)
    elif isinstance(result, TextAnswer):
        policy = {"content-security-policy": PAGE_POLICY}
        response = Response(result.text, status, media_type=result.media_type, headers=policy)
    elif isinstance(result, Redirection):
        response = RedirectResponse(result.address, 303)
    elif isinstance(result, MessageStream):
        streams = call.request.app.state.open_streams
        response = MessageStreamResponse(result, streams, refusal=call.explain_lost_access)
    elif result is None:
        response = Response(status_code=204)
    elif isinstance(result, bytes):
        response = Response(result, status, media_type=JSON)
    else:
        assert isinstance(result, BaseModel), "a route returns a document"
        response = Response(result.model_dump_json(exclude_none=True).encode(), status, media_type=JSON)
    if call.etag:
        response.headers["etag"] = call.etag
        response.headers["cache-control"] = "private, no-cache"
    response.headers.setdefault("cache-control", "no-store")
    response.headers.update(call.headers)
    return response


def make_not_modified_response(call: Call) -> Response:
    """Return the response 304 for a caller that already has this version."""
    return Response(status_code=304, headers={"etag": call.etag, "cache-control": "private, no-cache"})
