"""A body that is taken as the bytes that came: who answers parses it, in a thread, and not the loop of all requests."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

if TYPE_CHECKING:
    from fastapi.routing import APIRoute


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
