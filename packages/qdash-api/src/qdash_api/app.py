"""ASGI application of the host: middleware, routes and plugin routers over one open QDash."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from anyio import to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException

from qdash_api.events.hub import EventHub
from qdash_api.middleware.authentication import AuthenticationMiddleware
from qdash_api.middleware.bounds import RequestBoundsMiddleware
from qdash_api.middleware.request_ids import RequestIdMiddleware
from qdash_api.middleware.security_headers import SecurityHeadersMiddleware
from qdash_api.plugin_routers import mount_routers
from qdash_api.problems import make_problem, respond, respond_to
from qdash_api.process.counters import Counters
from qdash_api.process.limits import PLUGIN_THREADS, WRITE_WAIT_S
from qdash_api.process.readiness import Readiness
from qdash_api.process.shutdown import exit_deadline, on_termination
from qdash_api.routing.entity_routes import mount_entities
from qdash_api.routing.message_stream import OpenStreams
from qdash_api.routing.response_cache import ResponseCache
from qdash_api.routing.route_declarations import (
    PLUGINS,
    list_body_limits,
    list_open_paths,
    require_declared_routes,
)
from qdash_api.validation_errors import list_validation_errors
from qdash_core.access.enrolment import find_default_project
from qdash_core.errors import QDashError
from qdash_core.models.error_messages import add_fault_count
from qdash_core.models.simulated_time import get_simulated_time
from qdash_core.runtime.application import open_qdash

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from qdash_core.hooks.manager import Registry
    from qdash_core.settings import Settings


def create_app(settings: Settings, registry: Registry) -> FastAPI:
    """Return the host as an ASGI application, which opens the store on startup and closes it on shutdown.

    Routes of QDash's own features are mounted at the root, those of other plugins below their plugin.

    Raises
    ------
    PluginError
        If the host's own feature is missing, blocked or set aside.
    """

    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        # Routes of plugins use the default threads; routes of the host use those of
        # `process.limits`.
        to_thread.current_default_thread_limiter().total_tokens = PLUGIN_THREADS
        qdash = await to_thread.run_sync(open_qdash, settings, registry)
        app.state.qdash = qdash
        qdash.store.write_wait_s = WRITE_WAIT_S
        app.state.response_cache = ResponseCache()
        app.state.hub = hub = EventHub(qdash.store)
        app.state.open_streams = open_streams = OpenStreams()

        def read_home() -> None:
            find_default_project(qdash.store)
            get_simulated_time()

        app.state.readiness = readiness = Readiness(read_home)
        loop = asyncio.get_running_loop()

        def end_streams() -> None:
            hub.end()
            open_streams.end()

        try:
            # The server waits for open responses before it ends the application, and an event
            # stream never ends by itself.
            with on_termination(lambda _: loop.call_soon_threadsafe(end_streams)):
                yield
        finally:
            hub.end()
            readiness.close()
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
    mount_routers(app, registry)
    mount_entities(app, registry)
    app.add_exception_handler(QDashError, _handle_qdash_error)
    app.add_exception_handler(RequestValidationError, _handle_validation_error)
    app.add_exception_handler(HTTPException, _handle_http_error)
    features = registry.features().values()
    app.state.counters = counters = Counters(one for feature in features for one in feature.counters)
    app.state.open_paths = list_open_paths(app)
    # The last one is the outermost.
    app.add_middleware(AuthenticationMiddleware)
    app.add_middleware(RequestBoundsMiddleware, bodies=list_body_limits(app))
    report = partial(registry.report_failure, settings.home)
    app.add_middleware(RequestIdMiddleware, counters=counters, report=report)
    app.add_middleware(SecurityHeadersMiddleware)
    require_declared_routes(app)
    return app


async def _handle_qdash_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, QDashError)
    return respond_to(error, _request_id(request))


async def _handle_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    complaints = list_validation_errors(request, error)
    first = f"{complaints[0].place}: {complaints[0].message}" if complaints else "it cannot be parsed"
    detail = add_fault_count(f"the request is not valid: {first}", len(error.errors()))
    problem = make_problem(422, detail, kind="invalid-input", complaints=complaints)
    return respond(problem, _request_id(request))


async def _handle_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    detail, kind = str(error.detail), None
    if error.status_code == 404 and detail == HTTPStatus.NOT_FOUND.phrase:  # a plugin has its own message
        detail = f"{request.url.path} does not exist: {_describe_known_routes(request.url.path)}"
        kind = "not-offered"
    if error.status_code == 405:
        headers["allow"] = ", ".join(_list_methods(request))
        detail = f"{request.url.path} does not support {request.method} (supported: {headers['allow']})"
    return respond(make_problem(error.status_code, detail, kind=kind), _request_id(request), headers)


def _describe_known_routes(path: str) -> str:
    """Return what the host has instead of an unknown path."""
    if path.startswith(PLUGINS):
        plugin = path.removeprefix(PLUGINS).partition("/")[0]
        return f"the plugin {plugin!r} is not installed at this host, or has no such route; `qdash plugins list` there says why"
    return "/docs lists all routes"


def _list_methods(request: Request) -> list[str]:
    """Return the methods that a path supports; the router names those of one route only."""
    path = get_route_path(request.scope)
    contexts = (one for one in iter_route_contexts(request.app.routes) if one.path_regex.match(path))
    return sorted({method for context in contexts for method in context.methods or ()})


def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))
