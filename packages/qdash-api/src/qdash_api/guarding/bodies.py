"""Bodies of requests: JSON of limited depth, or raw bytes that the route parses in its thread."""

from __future__ import annotations

import json
from inspect import signature
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.json_parser import exceeded_limit
from qdash_core.parsing.limits import REQUEST_BODY

if TYPE_CHECKING:
    from fastapi.routing import APIRoute


class LimitedRequest(Request):
    """A request whose JSON is within the limits of depth and values. Its size is limited by `layers.bounds`."""

    async def json(self) -> Any:
        """Return the value of the body; JSONDecodeError, which FastAPI reports, if it is beyond a limit or not JSON."""
        text = (await self.body()).decode(errors="replace")
        if (excess := exceeded_limit(text, REQUEST_BODY)) is not None:
            raise json.JSONDecodeError(excess, text, 0)
        return await super().json()


def require_json_limits(content_type: str, body: bytes) -> None:
    """Refuse a body whose content type is JSON and which is beyond the limits of depth and values.

    Raises
    ------
    InvalidInputError
        With the limit.
    """
    if "json" not in content_type.lower():
        return
    if (excess := exceeded_limit(body.decode(errors="replace"), REQUEST_BODY)) is not None:
        raise InvalidInputError(f"the body is JSON {excess}")


async def _taken(request: Request) -> bytes:
    return await request.body()


Taken = Annotated[bytes, Depends(_taken)]
"""Of a route's function: the body, whatever its content type says. It is bounded by `layers.bounds`."""

_TEXT = {"required": True, "content": {"text/plain": {"schema": {"type": "string", "minLength": 1}}}}


def body_taken(route: APIRoute) -> dict[str, Any] | None:
    """Return what the OpenAPI document says of the body of a route that takes it as it came; None: it takes none so."""
    return (
        _TEXT
        if any(one.annotation == Taken for one in signature(route.endpoint).parameters.values())
        else None
    )
