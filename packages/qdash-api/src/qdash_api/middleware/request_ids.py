"""Outermost middleware: gives each request an id, logs it, and responds to every error."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette._utils import get_route_path
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from qdash_api.problems import make_problem, respond, respond_to
from qdash_api.routing.disconnects import CLIENT_DISCONNECTED
from qdash_api.routing.route_declarations import PLUGINS
from qdash_api.routing.slow_client import SlowClientError
from qdash_core.errors import QDashError, StoreError
from qdash_core.models.simulated_time import HEADER as SIMULATED_TIME
from qdash_core.models.simulated_time import get_simulated_time
from qdash_core.operations.plugin_operations import name_call
from qdash_core.process.clock import get_clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from qdash_api.process.counters import Counters
    from qdash_core.errors import PluginFailedError

logger = logging.getLogger(__name__)
requests = logging.getLogger("qdash.requests")

HEADER = "x-request-id"
_VALID_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LIVENESS = "/health"
"""Route that answers while the process works: it reads no file, so not the simulated clock of the home either."""
_NO_ROUTE = "elsewhere"
"""Route label for requests without a route, so that invented paths do not each create a counter."""
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_OTHER_METHOD = "other"
"""Method label for unknown methods, for the same reason."""
_SHUTTING_DOWN = make_problem(
    503,
    "this host shut down before the request finished: check whether it changed anything before you repeat it",
    kind="ending",
    retry_after_s=5,
)


class RequestIdMiddleware:
    """ASGI middleware that identifies, logs and counts every request.

    `report` is `Registry.report_failure` for the home.
    """

    def __init__(self, app: ASGIApp, counters: Counters, report: Callable[..., PluginFailedError]) -> None:
        self._app, self._counters, self._report = app, counters, report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request, log it, and respond to every error."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _drop_invalid_address(scope)
        answer = _ObservedResponse(send, _request_id(scope), await _read_simulated_time(scope))
        scope.setdefault("state", {})["request_id"] = answer.request_id
        began = time.perf_counter()
        try:
            await self._app(scope, receive, answer.send)
        except asyncio.CancelledError:
            # At shutdown the server cancels requests without a response in time.
            if not answer.status:
                await respond(_SHUTTING_DOWN, answer.request_id)(scope, receive, answer.send)
        except BaseException as error:  # noqa: BLE001  the outermost boundary: a plugin's route may exit
            if answer.status:
                _log_broken_response(error, answer.request_id)
            else:
                error = await self._attribute_failure(scope, error)
                await _respond_to_error(error, answer.request_id)(scope, receive, answer.send)
        finally:
            self._log_and_count(scope, answer, time.perf_counter() - began)

    async def _attribute_failure(self, scope: Scope, error: BaseException) -> BaseException:
        """Return an unexpected error of the route of a plugin as one that names the plugin; return any other unchanged."""
        plugin, endpoint = _get_plugin(_get_path(scope)), scope.get("endpoint")
        if not plugin or endpoint is None or isinstance(error, QDashError | HTTPException):
            return error
        try:
            operation = getattr(endpoint, "__qdash_operation__", None)
            call = (
                name_call(operation.function)
                if operation
                else f"the route {scope['method']} {_find_route_path(scope)}"
            )
            module = getattr(operation.function if operation else endpoint, "__module__", "")
            failed = await asyncio.to_thread(
                self._report, plugin, call, error, module=module, stays=operation is None
            )
        except Exception:  # the response and the log have the error all the same
            logger.exception("the failure of the plugin %s cannot be recorded", plugin)
            return error
        failed.__cause__ = error
        return failed

    def _log_and_count(self, scope: Scope, answer: _ObservedResponse, seconds: float) -> None:
        status = answer.status or CLIENT_DISCONNECTED
        route = _find_route_path(scope)
        method = scope["method"] if scope["method"] in _METHODS else _OTHER_METHOD
        self._counters.count(method, route, status, seconds)
        caller = scope["state"].get("caller")
        address = scope.get("client")
        request_fields = {
            "request_id": answer.request_id,
            "method": scope["method"],
            "path": quote(scope["path"]),
            "status": status,
            "ms": round(seconds * 1000, 1),
            "user": None if caller is None else caller.username,
            "address": None if address is None else address[0],
        }
        requests.info(
            "%s %s %s",
            request_fields["method"],
            request_fields["path"],
            status,
            extra={"request_fields": request_fields},
        )


class _ObservedResponse:
    """Response to one request while it is sent; its status is 0 before it begins."""

    def __init__(self, send: Send, request_id: str, simulated_time: datetime | None) -> None:
        self._send, self._simulated_time = send, simulated_time
        self.request_id = request_id
        self.status = 0

    async def send(self, message: Message) -> None:
        """Send a message, with the id of the request and the simulated time of the home, if it has one."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[HEADER] = self.request_id
            if self._simulated_time is not None:
                headers[SIMULATED_TIME] = self._simulated_time.isoformat(timespec="microseconds")
        await self._send(message)


async def _read_simulated_time(scope: Scope) -> datetime | None:
    """Return the time of a home with a simulated clock, or None if that cannot be read, which `/ready` reports."""
    if not get_clock().simulated or get_route_path(scope) == _LIVENESS:
        return None
    with suppress(StoreError):
        return await asyncio.to_thread(get_simulated_time)  # waits for other processes of the home
    return None


def _drop_invalid_address(scope: Scope) -> None:
    """Remove a client address that is not an IP address: a trusted proxy forwards unverified values."""
    try:
        ip_address((scope.get("client") or ("",))[0])
    except ValueError:
        scope["client"] = None


def _find_route_path(scope: Scope) -> str:
    """Return the declared path of the route, with the mount path of a plugin."""
    route = getattr(scope.get("route"), "path", _NO_ROUTE)
    path = _get_path(scope)
    if route == _NO_ROUTE or not path.startswith(PLUGINS) or route.startswith(PLUGINS):
        return str(route)
    return PLUGINS + _get_plugin(path) + str(route)


def _request_id(scope: Scope) -> str:
    """Return a unique id, which starts with the id that the client has given."""
    given = Headers(scope=scope).get(HEADER, "")
    own = secrets.token_hex(8)
    return f"{given}.{own}" if _VALID_ID.fullmatch(given) else own


def _log_broken_response(error: BaseException, request_id: str) -> None:
    """Log why a response ends prematurely: the client sees a closed connection and no problem document."""
    if isinstance(error, SlowClientError):
        logger.warning("request %s: the client did not receive the response in time", request_id)
    else:
        logger.error("request %s: the response ended prematurely: %s", request_id, error, exc_info=error)


def _get_path(scope: Scope) -> str:
    """Return the path below the host, even if an application that is mounted there has handled the request."""
    root: str = scope.get("app_root_path", scope.get("root_path", ""))
    return get_route_path({**scope, "root_path": root})


def _get_plugin(path: str) -> str:
    """Return the plugin that a path is below, or empty text."""
    return path.removeprefix(PLUGINS).partition("/")[0] if path.startswith(PLUGINS) else ""


def _respond_to_error(error: BaseException, request_id: str) -> Response:
    """Return the response to an error that no route has handled, and log unexpected errors."""
    if isinstance(error, QDashError):
        return respond_to(error, request_id)
    if isinstance(error, HTTPException):
        return respond(make_problem(error.status_code, str(error.detail)), request_id, error.headers)
    logger.error("request %s: unexpected %s", request_id, type(error).__name__, exc_info=error)
    return respond(
        make_problem(500, f"unexpected error: see the log of the host for request {request_id}"), request_id
    )
