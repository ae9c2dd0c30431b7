"""Authentication of every request: only the few open paths need no token.

It reads the path as the router does, so that no route, including those of plugins, can be reached without it. Routes in
routers of plugins do not declare a role: it requires one for them.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, TypeVar

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import Response

from qdash_api.middleware.request_target import RequestTarget, ResponseStatus
from qdash_api.plugin_operations import performs_operation
from qdash_api.problems import make_problem, respond, respond_to
from qdash_api.process.limits import RequestLimits, get_current_limits
from qdash_api.routing.bodies import require_json_limits
from qdash_api.routing.disconnects import CLIENT_DISCONNECTED, buffer_body, watch_client
from qdash_core.access.authenticator import AUTHENTICATOR
from qdash_core.access.request_audit import REQUEST_AUDIT
from qdash_core.errors import (
    AccessDeniedError,
    LoginError,
    NotOfferedError,
    QDashError,
    StoreUnavailableError,
)
from qdash_core.process.cancellation import AbandonedError

if TYPE_CHECKING:
    from starlette.datastructures import State
    from starlette.types import ASGIApp, Receive, Scope, Send

    from qdash_core.access.request_audit import AuditEntry
    from qdash_core.features.declarations import Service
    from qdash_core.models.caller import Caller
    from qdash_core.models.project import ProjectRole
    from qdash_core.runtime.application import QDash

S = TypeVar("S")


class AuthenticationMiddleware:
    """ASGI middleware that authenticates requests, and keeps the audit log.

    A request that may change something is written to the audit log before it is performed, by its route once the caller
    is authorized, and completed here with the status. For routers of plugins both are done here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse an unauthenticated request, or pass it on with its caller."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        target, host, limits = RequestTarget.from_scope(scope), scope["app"].state, get_current_limits()
        with ExitStack() as held:
            try:
                audit_entry, receive = await self._admit(target, held, limits, scope, receive)
            except (QDashError, AbandonedError) as error:
                held.close()
                await _refuse(error, target, scope, receive, send)
                return
            response = ResponseStatus(send, on_start=held.close)
            try:
                await self._app(scope, receive, response.send)
            finally:
                held.close()
                if audit_entry is not None:
                    await _complete_audit_entry(audit_entry, limits, response)
                elif _is_open(target, host) and not target.reads:
                    await _record_login(
                        host.qdash, limits, target, response, scope["state"].get("claimed_username")
                    )

    async def _admit(
        self, target: RequestTarget, held: ExitStack, limits: RequestLimits, scope: Scope, receive: Receive
    ) -> tuple[AuditEntry | None, Receive]:
        """Authenticate the caller unless the path is open, and acquire the slots of a request to a plugin.

        Returns the entry of the audit log, or None for a request that is not logged, and the `receive` for the application.

        Raises
        ------
        AbandonedError, QDashError
            The reason of a refusal.
        """
        state = scope.setdefault("state", {})
        host = scope["app"].state
        if _is_open(target, host):
            return None, receive
        declares_nothing = target.is_for_plugin and not performs_operation(
            host.plugin_operation_routes, scope
        )
        role = target.role if declares_nothing else None
        authentications = limits.authentications
        with await authentications.acquire(target.secret):
            caller, audit_entry = await to_thread.run_sync(
                self._authenticate, host, target, role, limiter=authentications.threads
            )
        state |= {"caller": caller, "audit_entry": audit_entry}
        if declares_nothing:
            state |= {"qdash": host.qdash, "access": caller.access}
            receive = await _take_slots(held, limits, scope, receive)
        return audit_entry, receive

    def _authenticate(
        self, host: State, target: RequestTarget, role: ProjectRole | None
    ) -> tuple[Caller, AuditEntry | None]:
        """Return the caller, who has the role, and the audit log entry if needed; raise the reason of a refusal."""
        qdash: QDash = host.qdash
        authenticator = _get_service(qdash, AUTHENTICATOR)
        caller = authenticator.authenticate(target.secret, target.project_id) if target.secret else None
        if caller is None:
            caller = authenticator.authenticate("", target.project_id, target.attempt)
        if caller is None:
            raise authenticator.make_refusal()
        authenticator.record_use(caller)
        if role is not None:
            caller.access.require(role)
        if target.reads:
            return caller, None
        return caller, _get_service(qdash, REQUEST_AUDIT).open_entry(target.make_audited(caller))


def _is_open(target: RequestTarget, host: State) -> bool:
    """Return whether a request needs no token."""
    return target.method in host.open_paths.get(target.path, ())


def _get_service(qdash: QDash, key: Service[S]) -> S:
    """Return a service without which the host performs no request; raise AccessDeniedError if no feature provides it."""
    try:
        return qdash.get(key)
    except NotOfferedError as error:
        raise AccessDeniedError(f"this host performs open operations only: {error}") from error


async def _complete_audit_entry(
    audit_entry: AuditEntry, limits: RequestLimits, response: ResponseStatus
) -> None:
    """Write the status of the response to the audit log, if the request is in it."""
    # The response has been sent: if the store cannot be written, the row without a status shows
    # that it is unknown.
    if audit_entry.is_written:
        with suppress(StoreUnavailableError):
            await to_thread.run_sync(audit_entry.end, response.status, limiter=limits.audit)


async def _record_login(
    qdash: QDash,
    limits: RequestLimits,
    target: RequestTarget,
    response: ResponseStatus,
    claimed_username: str | None,
) -> None:
    """Write a login to the audit log: a successful one, or a failed one whose operation limits attempts."""
    if response.is_success or (response.status == 401 and claimed_username is not None):
        with suppress(StoreUnavailableError, NotOfferedError):
            await to_thread.run_sync(
                qdash.get(REQUEST_AUDIT).record_login,
                target.make_audited(None),
                response.status,
                claimed_username,
                limiter=limits.audit,
            )


async def _take_slots(held: ExitStack, limits: RequestLimits, scope: Scope, receive: Receive) -> Receive:
    """Acquire the slots of a plugin request until its response begins; return a `receive` with its body.

    A request that may write is written to the audit log first. A websocket holds a slot only for that.

    Raises as `Client.acquire` and `require_json_limits`; StoreError, if the audit log cannot be written.
    """
    user, audit_entry = scope["state"]["caller"].username, scope["state"]["audit_entry"]
    if scope["type"] == "websocket":
        with await limits.writers.acquire(user):
            await to_thread.run_sync(audit_entry.begin, limiter=limits.writers.threads)
        return receive
    body, replay = await buffer_body(receive)
    require_json_limits(Headers(scope=scope).get("content-type", ""), body)
    async with watch_client(receive) as client:
        for slots in limits.for_plugin(reads=audit_entry is None):
            held.enter_context(await client.acquire(slots, user))
        if audit_entry is not None:
            await to_thread.run_sync(audit_entry.begin, limiter=limits.writers.threads)
    return replay


async def _refuse(
    error: QDashError | AbandonedError, target: RequestTarget, scope: Scope, receive: Receive, send: Send
) -> None:
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    if isinstance(error, AbandonedError):
        answer = Response(status_code=CLIENT_DISCONNECTED)
    elif isinstance(error, LoginError) and error.needs_set_up:
        answer = respond(make_problem(401, str(error), kind="set-up-needed"), target.request_id)
    else:
        answer = respond_to(error, target.request_id)
    await answer(scope, receive, send)
