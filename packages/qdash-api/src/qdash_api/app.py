"""The host as an application: layers, routes and plugins' routers over one opened QDash."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from anyio import to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException

from qdash_api.complaints import complaints_of
from qdash_api.events.hub import Hub
from qdash_api.guarding.declared import require_declared
from qdash_api.guarding.remembered import Remembered
from qdash_api.layers.bounds import Bounds
from qdash_api.layers.gate import Gate
from qdash_api.layers.request_ids import RequestIds
from qdash_api.layers.security_headers import SecurityHeaders
from qdash_api.plugin_routers import mount
from qdash_api.problems import problem, respond, respond_to
from qdash_api.process.counters import Counters
from qdash_api.process.limits import PLUGIN_THREADS, WRITE_WAIT_S
from qdash_api.process.readiness import Readiness
from qdash_api.process.shutdown import exit_deadline, on_termination
from qdash_api.resources.everything import ROUTES
from qdash_core.application import open_qdash
from qdash_core.errors import QDashError
from qdash_core.models.complaints import with_more
from qdash_core.projects.use_recorder import UseRecorder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from qdash_core.hooks.manager import Registry
    from qdash_core.settings import Settings


def create_app(settings: Settings, registry: Registry) -> FastAPI:
    """Return the host as an ASGI application. The store is opened when it starts, and closed when it ends.

    Parameters
    ----------
    settings : Settings
        Where everything is.
    registry : Registry
        The plugins, whose routers are mounted.
    """

    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        # Routes of plugins use the default threads; our own routes use those of `process.limits`.
        to_thread.current_default_thread_limiter().total_tokens = PLUGIN_THREADS
        qdash = await to_thread.run_sync(open_qdash, settings, registry)
        app.state.qdash = qdash
        qdash.store.write_wait_s = WRITE_WAIT_S
        app.state.use_recorder = use_recorder = UseRecorder(qdash.tokens, qdash.members)
        app.state.remembered = Remembered()
        app.state.hub = hub = Hub(qdash.store)
        app.state.readiness = readiness = Readiness(qdash.projects.default)
        loop = asyncio.get_running_loop()
        try:
            # The server waits for open answers before it ends the application, and an event stream never ends by itself.
            with on_termination(lambda _: loop.call_soon_threadsafe(hub.end)):
                yield
        finally:
            hub.end()
            readiness.close()
            await to_thread.run_sync(use_recorder.close)
            await to_thread.run_sync(hub.close)
            await to_thread.run_sync(qdash.close)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with exit_deadline():
            async with opened(app):
                yield

    app = FastAPI(
        title="QDash",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    for routes in ROUTES:
        app.router.routes.extend(routes.router.routes)  # including them would make each of them once more
    mount(app, registry)
    app.add_exception_handler(QDashError, _refused)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    app.add_exception_handler(HTTPException, _not_served)
    app.state.counters = counters = Counters()
    # The last one is the outermost.
    app.add_middleware(Gate)
    app.add_middleware(Bounds)
    app.add_middleware(RequestIds, counters=counters)
    app.add_middleware(SecurityHeaders)
    require_declared(app)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, QDashError)
    return respond_to(error, _request_id(request))


async def _misunderstood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    complaints = complaints_of(request, error)
    first = f"{complaints[0].place}: {complaints[0].message}" if complaints else "it cannot be read"
    detail = with_more(f"the request cannot be: {first}", len(error.errors()))
    found = problem(422, detail, kind="invalid-input", complaints=complaints)
    return respond(found, _request_id(request))


async def _not_served(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    detail = str(error.detail)
    if (
        error.status_code == 404 and detail == HTTPStatus.NOT_FOUND.phrase
    ):  # a plugin says it in its own words
        detail = f"there is no {request.url.path} here: /docs lists what there is"
    if error.status_code == 405:
        headers["allow"] = ", ".join(_methods(request))
        detail = f"{request.method} is not done with {request.url.path}: {headers['allow']} are"
    return respond(problem(error.status_code, detail), _request_id(request), headers)


def _methods(request: Request) -> list[str]:
    """Return what may be done with a path: the router names the methods of one of its routes only."""
    path = get_route_path(request.scope)
    contexts = (one for one in iter_route_contexts(request.app.routes) if one.path_regex.match(path))
    return sorted({method for context in contexts for method in context.methods or ()})


def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))
