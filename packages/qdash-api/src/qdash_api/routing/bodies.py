"""Request bodies: JSON of limited depth, or raw bytes that the route parses in its thread."""

from __future__ import annotations

from inspect import signature
from json import JSONDecodeError
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.json_parser import find_exceeded_limit, parse_json
from qdash_core.parsing.limits import REQUEST_BODY

if TYPE_CHECKING:
    from fastapi.routing import APIRoute


class LimitedRequest(Request):
    """Request with limits for the depth and values of its JSON; `middleware.bounds` limits the size."""

    async def json(self) -> Any:
        """Return the parsed body; raise JSONDecodeError if it exceeds a limit, has a key twice in one object, or is not JSON."""
        try:
            return parse_json(await self.body(), limits=REQUEST_BODY)
        except InvalidInputError as error:
            if isinstance(error.__cause__, JSONDecodeError):
                raise error.__cause__ from None
            raise JSONDecodeError(str(error), "", 0) from error


def require_json_limits(content_type: str, body: bytes) -> None:
    """Refuse a JSON body that exceeds the limits of depth and number of values; raise InvalidInputError."""
    if "json" not in content_type.lower():
        return
    if (excess := find_exceeded_limit(body.decode(errors="replace"), REQUEST_BODY)) is not None:
        raise InvalidInputError(f"the body is JSON {excess}")


async def _read_body(request: Request) -> bytes:
    return await request.body()


ReadBody = Annotated[bytes, Depends(_read_body)]
"""Raw body of a request, as FastAPI reads it. `middleware.bounds` limits its size."""

_TEXT_BODY = {"required": True, "content": {"text/plain": {"schema": {"type": "string", "minLength": 1}}}}


def describe_raw_body(route: APIRoute) -> dict[str, Any] | None:
    """Return the OpenAPI description of the body if a route takes it raw, or else None."""
    return (
        _TEXT_BODY
        if any(one.annotation == ReadBody for one in signature(route.endpoint).parameters.values())
        else None
    )
