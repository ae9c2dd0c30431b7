"""The gate before every route: whoever has no good token comes no further than the few open paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.datastructures import Headers

from qdash_api.guarding.callers import caller_of
from qdash_api.problems import problem, respond

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

OPEN_PATHS = {
    "/health": ("GET", "HEAD"),
    "/ready": ("GET", "HEAD"),
    "/openapi.json": ("GET", "HEAD"),
    "/docs": ("GET", "HEAD"),
    "/auth/login": ("POST",),
    "/auth/setup": ("GET", "HEAD", "POST"),
}


class Gate:
    """ASGI layer that lets a request in with its caller, or on an open path, or not at all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request without a good token, and hand others on."""
        if scope["type"] == "lifespan" or scope.get("method") in OPEN_PATHS.get(scope["path"], ()):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        found = None
        if scheme.lower() == "bearer" and secret:
            qdash = scope["app"].state.qdash
            project_id = headers.get("x-project-id") or None
            found = await to_thread.run_sync(caller_of, qdash, secret.strip(), project_id)
        if found is None:
            detail = "this needs a token that is good: `Authorization: Bearer TOKEN`"
            await respond(problem(401, detail))(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = found
        await self._app(scope, receive, send)
